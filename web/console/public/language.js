// Runs before the first paint, so that a page in Arabic never flashes from left to right. A file of its own: the policy forbids inline scripts.
{
  let language;
  try {
    language = localStorage.getItem('parlor.language');
  } catch {
    // Storage is blocked: the browser's language decides.
  }
  if (language !== 'en' && language !== 'ar') language = /^ar\b/i.test(navigator.language) ? 'ar' : 'en';
  document.documentElement.lang = language;
  document.documentElement.dir = language === 'ar' ? 'rtl' : 'ltr';
}

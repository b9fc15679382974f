const rightToLeft = new Set(['ar', 'arc', 'ckb', 'dv', 'fa', 'he', 'ks', 'ps', 'sd', 'ug', 'ur', 'yi']);

/** Which way a language is written. A list, since not every browser answers `Intl.Locale.prototype.getTextInfo`. */
export function directionOf(locale: string): 'ltr' | 'rtl' {
  return rightToLeft.has(locale.toLowerCase().split('-', 1)[0] ?? '') ? 'rtl' : 'ltr';
}

import type { CommandMessages } from '../text/command-messages.ts';
import type { Messages } from '../text/messages.ts';

// Arabic. Whatever is missing here does not compile, and test/locales.test.ts names it.

const plural = new Intl.PluralRules('ar');
const number = new Intl.NumberFormat('ar');

interface Forms {
  /** Without the number: Arabic says one and two in the word itself. */
  one: string;
  two: string;
  few: string;
  many: string;
  other: string;
}

function noun(n: number, forms: Forms): string {
  const form = plural.select(n);
  if (form === 'one' || form === 'two') return forms[form];
  return `${number.format(n)} ${form === 'zero' ? forms.other : forms[form]}`;
}

/** A name or a word of unknown direction, kept from turning the sentence around it. */
const isolated = (text: string) => `\u2068${text}\u2069`;

const conversations: Forms = { one: 'محادثة واحدة', two: 'محادثتان', few: 'محادثات', many: 'محادثة', other: 'محادثة' };
const unreadMessages: Forms = {
  one: 'رسالة واحدة غير مقروءة', two: 'رسالتان غير مقروءتين', few: 'رسائل غير مقروءة', many: 'رسالة غير مقروءة', other: 'رسالة غير مقروءة',
};
const unreadConversations: Forms = {
  one: 'محادثة واحدة غير مقروءة', two: 'محادثتان غير مقروءتين', few: 'محادثات غير مقروءة', many: 'محادثة غير مقروءة', other: 'محادثة غير مقروءة',
};
const newMessages: Forms = { one: 'رسالة جديدة واحدة', two: 'رسالتان جديدتان', few: 'رسائل جديدة', many: 'رسالة جديدة', other: 'رسالة جديدة' };
const characters: Forms = { one: 'حرف واحد', two: 'حرفين', few: 'أحرف', many: 'حرفًا', other: 'حرف' };
const queued: Forms = {
  one: 'ستُرسَل رسالة واحدة عند عودة الاتصال.', two: 'ستُرسَل رسالتان عند عودة الاتصال.', few: 'رسائل ستُرسَل عند عودة الاتصال.',
  many: 'رسالة ستُرسَل عند عودة الاتصال.', other: 'رسالة ستُرسَل عند عودة الاتصال.',
};
const actions: Forms = { one: 'إجراء واحد', two: 'إجراءان', few: 'إجراءات', many: 'إجراءً', other: 'إجراء' };
const hours: Forms = { one: 'ساعة', two: 'ساعتين', few: 'ساعات', many: 'ساعة', other: 'ساعة' };

const closedBecause: Record<string, string> = {
  agent: 'أغلقها موظف',
  user: 'أغلقها الزائر',
  inactivity: 'أُغلقت بعد مدة بلا رسائل',
  funnel_end: 'أُغلقت في نهاية المسار',
};

const problems: Record<string, string> = {
  network: 'تعذّر الوصول إلى الخادم.',
  unauthenticated: 'انتهت الجلسة. سجّل الدخول من جديد.',
  forbidden: 'لا تملك صلاحية هذا الإجراء.',
  'not-found': 'لم يعد موجودًا.',
  timeout: 'لم يُجب الخادم في الوقت المناسب.',
  'message-id-conflict': 'سبق استعمال معرّف هذه الرسالة.',
  'conversation-id-conflict': 'سبق استعمال معرّف هذه المحادثة.',
  'conversation-closed': 'هذه المحادثة مغلقة.',
  'conversation-archived': 'هذه المحادثة مؤرشفة.',
  'conversation-changed': 'غيّر شخص آخر هذه المحادثة في هذه الأثناء.',
  'held-by-another': 'يردّ شخص آخر على هذه المحادثة.',
  'too-large': 'النص أطول من المسموح.',
  validation: 'القيمة المُدخلة غير صالحة.',
  'rate-limited': 'طلبات كثيرة في وقت قصير. انتظر قليلًا.',
  internal: 'حدث خطأ في الخادم.',
  unavailable: 'الخادم غير متاح الآن. حاول بعد قليل.',
  'storage-full': 'امتلأت مساحة التخزين على الخادم.',
  'outbox-unavailable': 'لا يسمح هذا المتصفح بحفظ ما لم يُرسَل.',
  'outbox-full': 'امتلأت مساحة حفظ ما لم يُرسَل.',
};

const words: Messages = {
  inbox: 'الوارد',
  conversations: 'المحادثات',
  searchLabel: 'البحث في المحادثات',
  searchPlaceholder: 'ابحث في الأسماء والرسائل',
  clearSearch: 'مسح البحث',
  statusLabel: 'العرض',
  statusOpen: 'مفتوحة',
  statusClosed: 'مغلقة',
  statusAll: 'الكل',
  statusArchived: 'الأرشيف',
  sortLabel: 'الترتيب',
  sortNewest: 'الأحدث أولًا',
  sortOldest: 'الأقدم أولًا',
  sortMostMessages: 'الأكثر رسائل',
  sortLeastMessages: 'الأقل رسائل',
  count: (total, capped) => (capped ? `أكثر من ${number.format(total)} محادثة` : noun(total, conversations)),
  listEnd: 'هذه كل المحادثات.',
  loadingConversations: 'جارٍ تحميل المحادثات',
  loadingMessages: 'جارٍ تحميل الرسائل',
  loadingOlder: 'جارٍ تحميل الرسائل الأقدم',
  loadOlder: 'تحميل الرسائل الأقدم',
  threadStart: 'هنا تبدأ المحادثة',
  emptyOpenTitle: 'لا شيء ينتظر ردّك',
  emptyTitle: 'لا شيء هنا',
  emptyBody: 'تظهر المحادثة هنا من تلقاء نفسها فور أن يكتب أحد.',
  noMatchTitle: (query) => `لا نتائج للبحث عن «${isolated(query)}»`,
  noMatchBody: 'يشمل البحث الأسماء وعناوين البريد وكل الرسائل. جرّب أحرفًا أقل، أو اعرض كل المحادثات.',
  nothingSelectedTitle: 'لم تُختر محادثة',
  nothingSelectedBody: 'اختر محادثة من القائمة لقراءتها والرد عليها.',
  goneTitle: 'لم تعد هذه المحادثة هنا',
  goneBody: 'حُذفت، أو أن الرابط يخص مساحة عمل أخرى.',
  noMessages: 'لا رسائل بعد',
  problem: (code, text) => problems[code] ?? text,
  loadFailed: (reason) => `تعذّر التحميل. ${reason}`,
  retry: 'إعادة المحاولة',
  dismiss: 'إخفاء',
  draft: 'مسودة:',
  unread: (count) => noun(count, unreadMessages),
  unreadConversations: (count) => noun(count, unreadConversations),
  online: 'متصل',
  lastSeen: (ago) => `آخر ظهور ${ago}`,
  handlerBot: 'الروبوت',
  handlerQueue: 'في الانتظار',
  handlerAgent: (name) => name,
  statusClosedShort: 'مغلقة',
  statusArchivedShort: 'مؤرشفة',
  you: 'أنت',
  visitor: 'زائر',
  bot: 'الروبوت',
  agent: 'موظف',
  botTag: 'آلي',
  back: 'العودة إلى القائمة',
  leave: 'رجوع',
  edit: 'تعديل',
  take: 'تولّي',
  takeOver: 'تولّي بدلًا منه',
  giveBack: 'إعادة إلى الانتظار',
  close: 'إغلاق',
  reopen: 'إعادة فتح',
  archive: 'أرشفة',
  unarchive: 'إخراج من الأرشيف',
  actions: 'إجراءات المحادثة',
  thread: (name) => `الرسائل مع ${isolated(name)}`,
  composerLabel: (name) => `رسالة إلى ${isolated(name)}`,
  composerPlaceholder: 'اكتب رسالة',
  composerClosed: 'هذه المحادثة مغلقة. إرسال رسالة يعيد فتحها.',
  composerHeld: (name) => `يردّ ${isolated(name)} على هذه المحادثة. تولَّها لتردّ بنفسك.`,
  composerKeys: ['Enter', 'للإرسال', 'Shift+Enter', 'لسطر جديد'],
  tooLong: (over) => `النص أطول من المسموح بمقدار ${noun(over, characters)}. اختصره أو أرسله على أجزاء.`,
  send: 'إرسال',
  stateQueued: 'في انتظار الإرسال',
  stateSending: 'جارٍ الإرسال…',
  stateSent: 'أُرسلت',
  stateRead: 'قُرئت',
  stateFailed: (reason) => `لم تُرسَل. ${reason}`,
  stateHeld: (name) => `لم تُرسَل. تولّى ${isolated(name)} هذه المحادثة في هذه الأثناء.`,
  delete: 'حذف',
  showMore: 'عرض المزيد',
  showLess: 'عرض أقل',
  newDivider: 'جديد',
  jumpToLatest: 'إلى أحدث رسالة',
  newMessages: (count) => noun(count, newMessages),
  typing: ([first = '', second = '', ...others]) => {
    if (others.length > 0) return 'يكتب عدة أشخاص…';
    return second === '' ? `${isolated(first)} يكتب…` : `${isolated(first)} و${isolated(second)} يكتبان…`;
  },
  showPlain: 'عرض الرسائل كقائمة بسيطة',
  showWindowed: 'عرض الرسائل كنافذة متحركة',
  announceOne: (author, text) => `${isolated(author)}: ${text}`,
  announceMany: (count) => noun(count, newMessages),
  connectionOffline: 'أنت غير متصل. يعيد Parlor الاتصال من تلقاء نفسه.',
  connectionPolling: 'انقطعت التحديثات الفورية. قد تتأخر الرسائل الجديدة نصف دقيقة.',
  connectionConnecting: 'جارٍ الاتصال…',
  connectionCatchingUp: 'جارٍ جلب ما فات…',
  queued: (count) => noun(count, queued),
  systemClosed: (reason) => closedBecause[reason ?? ''] ?? 'أُغلقت المحادثة',
  systemReopened: 'أُعيد فتح المحادثة',
  systemAgentJoined: (name) => `انضم ${isolated(name)}`,
  systemAgentLeft: (name) => `غادر ${isolated(name)}`,
  systemHandedToQueue: 'في انتظار موظف',
  today: 'اليوم',
  yesterday: 'أمس',
  options: 'الردود السريعة المعروضة',
  paneFailedTitle: 'توقف هذا الجزء من الصفحة عن العمل',
  paneFailedBody: 'لم يضع شيء مما كتبت. أعد المحاولة، أو أعد تحميل الصفحة إذا تكرر ذلك.',
};

const commands: CommandMessages = {
  paletteTitle: 'الإجراءات',
  palettePlaceholder: 'ماذا تريد أن تفعل؟',
  paletteEmpty: 'لا إجراء بهذا الاسم.',
  found: (count) => noun(count, actions),
  groupConversation: 'المحادثة',
  groupList: 'القائمة',
  groupPage: 'الصفحة',
  openPalette: 'عرض كل الإجراءات',
  openHelp: 'اختصارات لوحة المفاتيح',
  nextConversation: 'المحادثة التالية',
  previousConversation: 'المحادثة السابقة',
  openConversation: 'فتح المحادثة',
  reply: 'كتابة رد',
  closeConversation: 'إغلاق المحادثة',
  reopenConversation: 'إعادة فتح المحادثة',
  closeOrReopen: 'إغلاق أو إعادة فتح',
  archiveConversation: 'أرشفة المحادثة',
  unarchiveConversation: 'إخراج المحادثة من الأرشيف',
  archiveOrUnarchive: 'أرشفة أو إخراج من الأرشيف',
  takeConversation: 'تولّي المحادثة',
  giveConversationBack: 'إعادة المحادثة إلى الانتظار',
  chooseSnooze: 'تأجيل…',
  chooseAgent: 'إسناد…',
  makeUnread: 'تعليم كغير مقروءة',
  search: 'البحث في المحادثات',
  backToList: 'العودة إلى القائمة',
  showConversations: (which) => `عرض: ${which}`,
  sortConversations: (how) => `ترتيب: ${how}`,
  helpTitle: 'اختصارات لوحة المفاتيح',
  helpNote: 'تعمل المفاتيح المفردة على المحادثة التي عليها التركيز، وإلا فعلى المحادثة المفتوحة، ولا تعمل أبدًا أثناء الكتابة.',
  singleKeys: 'استعمال اختصارات المفتاح الواحد',
  singleKeysOn: 'تشغيل اختصارات المفتاح الواحد',
  singleKeysOff: 'إيقاف اختصارات المفتاح الواحد',
  closeDialog: 'إغلاق',
  snoozeTitle: (name) => `تأجيل محادثة ${isolated(name)} إلى`,
  snoozeHours: (count) => `بعد ${noun(count, hours)}`,
  snoozeTomorrow: 'صباح الغد',
  snoozeMonday: 'صباح الاثنين',
  snoozePick: 'وقت آخر',
  snoozeSet: 'تأجيل',
  snoozeEnd: 'إنهاء التأجيل',
  snoozed: (until) => `مؤجلة إلى ${until}`,
  snoozeEnded: 'لم تعد مؤجلة',
  assignTitle: (name) => `إسناد محادثة ${isolated(name)} إلى`,
  assignPlaceholder: 'ابحث عن شخص',
  assignToMe: (name) => `${isolated(name)} (أنت)`,
  assignQueue: 'لا أحد: إلى الانتظار',
  assignBot: 'الروبوت',
};

export const arabic: Messages & CommandMessages = { ...words, ...commands };

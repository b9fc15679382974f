import type { AnswersWords } from './answers-words.ts';

const plural = new Intl.PluralRules('ar');
const number = new Intl.NumberFormat('ar');
const isolated = (text: string) => `\u2068${text}\u2069`;

function answersOf(count: number): string {
  switch (plural.select(count)) {
    case 'one':
      return 'رد محفوظ واحد';
    case 'two':
      return 'ردّان محفوظان';
    case 'few':
      return `${number.format(count)} ردود محفوظة`;
    case 'many':
      return `${number.format(count)} ردًا محفوظًا`;
    default:
      return `${number.format(count)} رد محفوظ`;
  }
}

export const answers: AnswersWords = {
  title: 'الردود المحفوظة',
  intro: 'نصوص يرسلها أي موظف في مساحة العمل هذه: اكتب / في محادثة ثم بداية الاختصار.',
  loading: 'جارٍ تحميل الردود المحفوظة…',
  search: 'البحث في الردود المحفوظة',
  found: (count) => (count === 0 ? 'لا رد محفوظًا مطابقًا' : answersOf(count)),
  none: 'لا توجد ردود بعد. أنشئ ردًا مما تكتبه كثيرًا.',
  add: 'رد محفوظ جديد',
  addTitle: 'رد محفوظ جديد',
  editTitle: (name) => `الرد المحفوظ ${isolated(name)}`,
  shortcut: 'الاختصار',
  shortcutHint: 'ما يُكتب بعد / للعثور عليه. كلمة واحدة.',
  shortcutWrong: `كلمة واحدة من حرف إلى ${number.format(50)} حرفًا.`,
  shortcutTaken: 'هذا الاختصار لرد محفوظ آخر. اختر اختصارًا غيره.',
  text: 'النص',
  textWrong: (most) => `اكتب من حرف إلى ${number.format(most)} حرف.`,
  variables: 'المتغيرات',
  variablesHint: 'تُستبدل عند اختيار الرد. وما لا قيمة له يُحذف.',
  insert: (variable, meaning) => `إدراج ${isolated(variable)}: ${meaning}`,
  meanings: {
    'user.name': 'اسم الشخص',
    'user.firstName': 'الاسم الأول للشخص',
    'agent.name': 'اسمك',
    'agent.firstName': 'اسمك الأول',
    'conversation.funnelName': 'اسم المسار',
  },
  preview: 'معاينة',
  previewHint: (user, funnel) => `كما ترسله إلى ${isolated(user)} في «${isolated(funnel)}».`,
  previewEmpty: 'لا شيء لإرساله بعد.',
  sampleUser: 'ليلى حداد',
  sampleFunnel: 'المتجر',
  unknown: (names) => `غير معروف هنا، فيُرسل كما هو: ${isolated(names)}`,
  save: 'حفظ',
  saved: (name) => `حُفظ. يجد كل موظف ${isolated(name)} من الآن.`,
  notSaved: (reason) => `لم يُحفظ. ${reason}`,
  cancel: 'إلغاء',
  changedMeanwhile: 'غيّر شخص آخر هذا الرد في هذه الأثناء. اختر أيهما يبقى.',
  changedUnseen: 'غيّر شخص آخر هذا الرد في هذه الأثناء. حاول من جديد.',
  changedUnread: 'غيّر شخص آخر هذا الرد في هذه الأثناء. اقرأه قبل حذفه.',
  theirs: 'رده الآن',
  saveMine: 'حفظ ردي بدلًا منه',
  deletedMeanwhile: 'حذف شخص آخر هذا الرد في هذه الأثناء. الحفظ ينشئه من جديد.',
  takeTheirs: 'الإبقاء على رده',
  delete: 'حذف…',
  deleteTitle: (name) => `حذف ${isolated(name)}؟`,
  deleteBody: 'يزول عند كل الموظفين. وتبقى الرسائل التي أُرسلت به.',
  deleteConfirm: 'حذف',
  deleting: 'جارٍ الحذف…',
  deleted: (name) => `حُذف ${isolated(name)}.`,
  notDeleted: (reason) => `لم يُحذف. ${reason}`,
  leaveUnsaved: 'هل تغادر دون حفظ الرد؟',
};

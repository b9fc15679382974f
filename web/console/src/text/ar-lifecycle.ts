import type { LifecycleWords } from './lifecycle-words.ts';

const plural = new Intl.PluralRules('ar');
const number = new Intl.NumberFormat('ar');

type Forms = readonly [one: string, two: string, few: string, many: string];

/** Behind a colon or as it stands: never as the object of a verb, which would need another case. */
function noun(n: number, [one, two, few, many]: Forms): string {
  switch (plural.select(n)) {
    case 'one':
      return one;
    case 'two':
      return two;
    case 'few':
      return `${number.format(n)} ${few}`;
    default:
      return `${number.format(n)} ${many}`;
  }
}
const conversations = (n: number) => noun(n, ['محادثة واحدة', 'محادثتان', 'محادثات', 'محادثة']);
const messages = (n: number) => noun(n, ['رسالة واحدة', 'رسالتان', 'رسائل', 'رسالة']);
const notes = (n: number) => noun(n, ['ملاحظة واحدة', 'ملاحظتان', 'ملاحظات', 'ملاحظة']);
const isolated = (text: string) => `\u2068${text}\u2069`;

export const lifecycle: LifecycleWords = {
  title: 'دورة الحياة',
  intro: 'متى تُغلق المحادثات وتنتقل إلى الأرشيف وتُمحى. يُحسب الوقت من آخر رسالة لأي من الطرفين.',
  readOnly: 'لا يغيّر هذا إلا المديرون.',
  loading: 'جارٍ تحميل الإعدادات…',
  closing: 'الإغلاق',
  later: 'بعد الإغلاق',
  timers: {
    botIdleS: ['مع الروبوت', 'لم يُقل شيء طوال هذه المدة. ومن ترك بريدًا أو هاتفًا يُسلَّم إلى الفريق بدل الإغلاق.'],
    userIdleS: ['في انتظار الزائر', 'كان آخر رد من موظف.'],
    teamIdleS: ['في انتظار الفريق', 'كتب الزائر آخر رسالة، أو هو في الانتظار.'],
    warnBeforeS: ['التنبيه قبل الإغلاق', 'يظهر في المحادثة سطر يقول متى تُغلق.'],
    reopenWindowS: [
      'إعادة الفتح خلال',
      'إن كتب الزائر خلالها تستمر المحادثة نفسها، وبعدها تبدأ محادثة جديدة.',
      'تبقى المحادثة المغلقة مغلقة، وإن كتب الزائر من جديد تبدأ محادثة جديدة.',
    ],
    archiveAfterS: ['الأرشفة بعد', 'تخرج من قائمة المغلقة ويظل العثور عليها ممكنًا.'],
    deleteAfterS: ['المحو بعد', 'تُحسب من الأرشفة. نهائيًا: يزول النص من كل الملفات.'],
  },
  units: { second: 'ثوانٍ', minute: 'دقائق', hour: 'ساعات', day: 'أيام' },
  off: 'أبدًا',
  inherit: (what) => `كما في الوارد (${what})`,
  amountOf: (timer) => `${timer}: العدد`,
  unitOf: (timer) => `${timer}: الوحدة`,
  wrong: (least, most) => `بين ${least} و${most}.`,
  funnels: 'مسارات مختلفة',
  funnelsHint: 'كل ما لا يُحدد هنا يبقى كما في الوارد.',
  funnelAdd: 'إضافة مسار',
  funnelChoose: 'اختر مسارًا',
  funnelRemove: (name) => `جعل ${isolated(name)} كالوارد`,
  save: 'حفظ',
  saving: 'جارٍ الحفظ…',
  saved: 'حُفظت. وتسري على المحادثات المفتوحة أيضًا.',
  discard: 'تجاهل التغييرات',
  unsaved: 'لم تُحفظ بعد',
  leaveUnsaved: 'هل تغادر دون حفظ التغييرات؟',
  notSaved: (reason) => `لم تُحفظ. ${reason}`,
  changedMeanwhile: 'غيّر شخص آخر الإعدادات في هذه الأثناء. لا يمكن حفظ تغييراتك فوق تغييراته.',
  takeTheirs: 'عرض إعداداته',
  previewing: 'جارٍ النظر فيما كان سيحدث…',
  wouldHaveClosed: (closes, waiting, days) =>
    closes === 0
      ? `خلال آخر ${number.format(days)} يومًا لم تكن لتُغلق أي محادثة.`
      : `خلال آخر ${number.format(days)} يومًا كانت ستُغلق: ${conversations(closes)}، ومنها وصاحبها ينتظر ردًا: ${number.format(waiting)}.`,
  closeNow: (count) => `المفتوحة الصامتة منذ مدة أطول: ${conversations(count)}. تُغلق خلال نصف ساعة من الحفظ.`,
  willArchiveAndErase: (archives, deletes, days) => `خلال ${number.format(days)} يومًا قادمة تُؤرشف: ${conversations(archives)}، وتُمحى: ${number.format(deletes)}.`,
  counted: (count) => `حُسب ذلك على أحدث ما يوجد: ${conversations(count)}.`,
  redating: (done, total) => `جارٍ إعطاء المحادثات أوقاتها الجديدة: ${done}${total === undefined ? '' : ` من ${total}`}`,
  clockTitle: 'لا يُمحى شيء تلقائيًا الآن',
  clockBody: (difference, since) => `تختلف ساعة الجهاز عن مدة عمل Parlor بمقدار ${difference} منذ ${since}. قد تمحو ساعة خاطئة قبل الأوان، لذلك ينتظر كل ما لا رجعة فيه.`,
  clockGoOn: 'الساعة صحيحة: متابعة',
  clockNote: 'تحقق أولًا من التاريخ على الجهاز.',
  person: 'بيانات شخص واحد',
  personHint: 'لمن يسأل عما تحتفظ به عنه، أو يطلب نسيانه. المعرّف هو ما أعطاه موقعك، ويظهر في التفاصيل بجانب المحادثة.',
  personId: 'معرّف الشخص',
  personExport: 'تنزيل كل شيء',
  personErase: 'محو كل شيء…',
  personEraseTitle: (id) => `محو كل شيء عن ${isolated(id)}؟`,
  personCount: (all, m, n) => `${conversations(all)}، فيها ${messages(m)} و${notes(n)}، مع كل ما يُعرف عن الشخص.`,
  personNothing: 'لا توجد محادثة لهذا الشخص. يُمحى ما يُعرف عنه.',
  personFinal: 'لا يمكن التراجع عن ذلك. يزول النص من كل ملفات الخادم.',
  personConfirm: 'محو نهائي',
  personErasing: 'جارٍ المحو…',
  personErased: (id) => `مُحي كل شيء عن ${isolated(id)}.`,
  cancel: 'إلغاء',
  failed: (reason) => `تعذّر ذلك. ${reason}`,
  record: 'ما حُذف',
  recordHint: 'يُحفظ دون أي كلمة مما قيل.',
  recordEmpty: 'لم يُحذف شيء بعد.',
  recordMore: 'عرض الأقدم',
  recordBy: (actor) => `بواسطة ${isolated(actor)}`,
  recordMessages: messages,
  reasons: { admin: 'حُذفت يدويًا', user_erased: 'مُحي الشخص', retention: 'انقضت المدة' },
};

import { arabic as components } from '@parlor/react/locales/ar';
import { answers } from './ar-answers.ts';
import { lifecycle } from './ar-lifecycle.ts';
import type { ConsoleMessages } from './messages.ts';

const plural = new Intl.PluralRules('ar');
const number = new Intl.NumberFormat('ar');

function conversations(count: number): string {
  switch (plural.select(count)) {
    case 'one':
      return 'محادثة واحدة';
    case 'two':
      return 'محادثتين';
    case 'few':
      return `${number.format(count)} محادثات`;
    default:
      return `${number.format(count)} محادثة`;
  }
}

const own: ConsoleMessages = {
  skipToList: 'الانتقال إلى المحادثات',
  allActions: 'كل الإجراءات',
  account: 'الحساب',
  roleAgent: 'موظف',
  roleAdmin: 'مدير',
  workspace: 'مساحة العمل',
  signOut: 'تسجيل الخروج',
  settings: 'الإعدادات',
  lifecycle: 'دورة حياة المحادثات',
  lifecycleHint: 'متى تُغلق المحادثات وتُؤرشف وتُمحى.',
  answers: 'الردود المحفوظة',
  answersHint: 'نصوص يرسلها أي موظف بكتابة / في محادثة.',
  loadingPage: 'جارٍ تحميل الصفحة…',
  pageFailed: 'تعذّر تحميل الصفحة.',
  language: 'اللغة',
  theme: 'المظهر',
  themeSystem: 'النظام',
  themeLight: 'فاتح',
  themeDark: 'داكن',
  themeNamed: (theme) => `المظهر: ${theme}`,
  languageNamed: (language) => `اللغة: ${language}`,
  keys: 'لوحة المفاتيح',
  singleKeys: 'اختصارات المفتاح الواحد',
  showKeys: 'عرض كل الاختصارات',
  reading: 'القراءة',
  plainList: 'الرسائل كقائمة بسيطة',
  plainListHint: 'لقارئات الشاشة والبحث في الصفحة والنسخ.',
  attention: 'الرسائل الجديدة',
  notifications: 'إشعارات سطح المكتب',
  notificationsHint: 'للمحادثات المنتظِرة أو المسندة إليك، حين تنظر إلى مكان آخر.',
  notificationsBlocked: 'يحظر متصفحك إشعارات هذه الصفحة. اسمح بها في إعداداته لهذا الموقع.',
  notificationsMissing: 'غير متاحة هنا. تحتاج إلى HTTPS وإلى متصفح يدعمها.',
  sound: 'الصوت',
  volume: 'مستوى الصوت',
  switchOn: (what) => `${what}: تشغيل`,
  switchOff: (what) => `${what}: إيقاف`,
  copyLink: 'نسخ رابط المحادثة',
  newMessagesIn: (count) => `رسائل جديدة في ${conversations(count)}`,
  outTitle: 'تسجيل الدخول إلى Parlor',
  outBody: 'تُفتح هذه الصفحة برابط يعمل بنقرة واحدة. أنشئ رابطًا على الجهاز الذي يعمل عليه Parlor:',
  refusedTitle: 'لم يعد هذا الرابط يعمل',
  refusedBody: 'يعمل الرابط مرة واحدة ولمدة 15 دقيقة. أنشئ رابطًا جديدًا على الجهاز الذي يعمل عليه Parlor:',
  unreachableTitle: 'لا يستجيب Parlor',
  unreachableBody: 'تعذّر الوصول إلى الخادم أو أنه يبدأ التشغيل. أعد المحاولة بعد قليل. وإن استمر ذلك فتحقق من أنه يعمل:',
  leavingTitle: 'ربما لا تزال جلستك مفتوحة',
  leavingBody: 'نسيت هذه الصفحة كل شيء، لكن تعذّر إبلاغ الخادم بإنهاء جلستك. أعد المحاولة بعد قليل.',
  tryAgain: 'إعادة المحاولة',
  linkNote: ['يطبع رابطًا. افتحه في هذا المتصفح لتسجيل الدخول. وللعرض التجريبي أضف ', '.'],
  demoTag: 'عرض Parlor التجريبي',
  demoTitle: 'متجر تجريبي',
  demoLead: ['أنت هنا الزائر. اكتب شيئًا في المحادثة، ثم أجب نفسك بصفتك موظفًا: افتح ', 'صفحة الموظفين في علامة تبويب جديدة', '.'],
  demoHint: ['لم تسجّل الدخول هناك؟ استعمل الرابط الذي طبعه Parlor عند بدء تشغيله، أو أنشئ رابطًا آخر بالأمر ', '.'],
  demoGoods: 'البضائع',
  demoGoodsNames: ['مصباح المكتب «مالك الحزين»', 'مصباح الأرضية «القمر»', 'مصباح الليل «اليراعة»'],
  demoChat: 'محادثة',
  demoChatTitle: 'محادثة مع المتجر التجريبي',
  demoEnd: 'إنهاء المحادثة',
  demoEnded: 'انتهت. اكتب من جديد لمتابعتها.',
  demoField: 'رسالتك',
  demoFieldHint: 'اسألنا عن أي شيء',
};

export const arabic = { components, own, lifecycle, answers };

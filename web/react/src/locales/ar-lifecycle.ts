import type { LifecycleMessages } from '../text/lifecycle-messages.ts';
import { isolated, noun, type Forms } from './ar-grammar.ts';

// The accusative and the nominative of two differ: here they are what is erased.
const messages: Forms = { one: 'رسالة واحدة', two: 'رسالتان', few: 'رسائل', many: 'رسالة', other: 'رسالة' };
const notes: Forms = { one: 'ملاحظة واحدة', two: 'ملاحظتان', few: 'ملاحظات', many: 'ملاحظة', other: 'ملاحظة' };

export const lifecycle: LifecycleMessages = {
  closes: (when) => `تُغلق ${when}`,
  closesSoon: 'تُغلق خلال دقيقة',
  snoozedUntil: (when) => `مؤجلة إلى ${when}`,
  onHold: 'محفوظة',
  erasedOn: (date) => `ستُمحى في ${date}`,
  eraseMarked: 'معدّة للمحو: تُمحى بعد 24 ساعة ما لم يُعَد فتحها أو تُحفظ.',
  next: 'ما يحدث لاحقًا',
  nextNothing: 'لا يحدث شيء من تلقاء نفسه.',
  closedWhen: (why, date) => `${why}، ${date}`,
  hold: 'حفظ',
  holdHint: 'لا تُغلق ولا تُؤرشف ولا تُمحى بمرور الوقت.',
  holdOn: 'حفظ المحادثة من المحو والإغلاق',
  holdOff: 'إنهاء الحفظ',
  doneHeld: 'المحادثة محفوظة الآن',
  doneUnheld: 'لم تعد المحادثة محفوظة',
  doneWoken: 'لم تعد مؤجلة',
  eraseConversation: 'حذف المحادثة…',
  eraseTitle: (name) => `حذف المحادثة مع ${isolated(name)}؟`,
  eraseCounting: 'جارٍ حصر ما سيُحذف…',
  eraseCount: (m, n) => `يُمحى من الخادم ومن شاشات الجميع: ${noun(m, messages)}${n === 0 ? '' : ` و${noun(n, notes)}`}.`,
  eraseFinal: 'لا يمكن التراجع عن ذلك. ولإبعادها فقط يمكنك أرشفتها.',
  eraseConfirm: 'حذف نهائي',
  erased: 'حُذفت المحادثة',
  personId: 'المعرّف',
};

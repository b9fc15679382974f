const plural = new Intl.PluralRules('ar');
export const number = new Intl.NumberFormat('ar');

export interface Forms {
  /** Without the number: Arabic says one and two in the word itself. */
  one: string;
  two: string;
  few: string;
  many: string;
  other: string;
}

export function noun(n: number, forms: Forms): string {
  const form = plural.select(n);
  if (form === 'one' || form === 'two') return forms[form];
  return `${number.format(n)} ${form === 'zero' ? forms.other : forms[form]}`;
}

/** A name or a word of unknown direction, kept from turning the sentence around it. */
export const isolated = (text: string) => `\u2068${text}\u2069`;

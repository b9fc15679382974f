import { englishAnswers, type AnswersWords } from '../text/answers-words.ts';
import { useLanguage } from '../text/words.tsx';

export const useAnswersWords = (): AnswersWords => useLanguage().words.answers ?? englishAnswers;

import '@parlor/react/styles.css';
import '../console.css';
import './demo.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { firstLanguage, loadWords } from '../text/language.ts';
import { WordsProvider } from '../text/words.tsx';
import { DemoPage } from './page.tsx';

const root = document.getElementById('root');
if (root === null) throw new Error('demo.html has no #root.');

const words = loadWords(firstLanguage());

createRoot(root).render(
  <StrictMode>
    <WordsProvider first={words}>
      <DemoPage />
    </WordsProvider>
  </StrictMode>,
);

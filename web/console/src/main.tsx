import '@parlor/react/styles.css';
import './console.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { signIn, takeLinkCode } from './session.ts';
import { firstLanguage, loadWords } from './text/language.ts';
import { WordsProvider } from './text/words.tsx';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root.');

const first = signIn(takeLinkCode());
const words = loadWords(firstLanguage());

createRoot(root).render(
  <StrictMode>
    <WordsProvider first={words}>
      <App first={first} />
    </WordsProvider>
  </StrictMode>,
);

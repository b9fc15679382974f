import '@parlor/react/styles.css';
import './console.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { signIn, takeLinkCode } from './session.ts';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root.');

const first = signIn(takeLinkCode());

createRoot(root).render(
  <StrictMode>
    <App first={first} />
  </StrictMode>,
);

import '@parlor/react/styles.css';
import '../console.css';
import './demo.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { DemoPage } from './page.tsx';

const root = document.getElementById('root');
if (root === null) throw new Error('demo.html has no #root.');

createRoot(root).render(
  <StrictMode>
    <DemoPage />
  </StrictMode>,
);

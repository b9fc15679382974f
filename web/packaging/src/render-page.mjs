// Prints the whole page as a server renders it: plain Node, the published files, nothing of a browser.
import { createElement, StrictMode } from 'react';
import { renderToString } from 'react-dom/server';
import { LiveChatPage, LiveChatProvider } from '@parlor/react';

const provider = { url: 'http://127.0.0.1:9', token: () => 'none', locale: 'en' };
process.stdout.write(renderToString(createElement(StrictMode, null, createElement(LiveChatProvider, provider, createElement(LiveChatPage)))));

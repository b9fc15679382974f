import { render } from '@testing-library/react';
import { StrictMode, type ReactNode } from 'react';
import { LiveChatProvider, type LiveChatProviderProps } from '../../src/index.ts';
import type { FakeChat } from './fake-chat.ts';

type Options = Pick<LiveChatProviderProps, 'initialView' | 'side' | 'messages' | 'locale' | 'preferences' | 'onPreferencesChange' | 'desk' | 'messageHref'> & { strict?: boolean };

/** Renders under a provider with this client. */
export function renderWith(fake: FakeChat, ui: ReactNode, { strict = false, ...options }: Options = {}) {
  const wrapper = ({ children }: { children: ReactNode }) => {
    const provider = (
      <LiveChatProvider client={fake.chat} locale="en" {...options}>
        {children}
      </LiveChatProvider>
    );
    return strict ? <StrictMode>{provider}</StrictMode> : provider;
  };
  return render(ui, { wrapper });
}

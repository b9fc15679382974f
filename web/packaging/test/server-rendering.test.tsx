// @vitest-environment jsdom
import { execFileSync } from 'node:child_process';
import { LiveChatPage, LiveChatProvider } from '@parlor/react';
import { act, StrictMode } from 'react';
import { hydrateRoot } from 'react-dom/client';
import { expect, onTestFinished, test, vi } from 'vitest';

test('the page is rendered on a server, and the browser takes it over as it is', async () => {
  const html = execFileSync(process.execPath, [`${import.meta.dirname}/../src/render-page.mjs`], { encoding: 'utf8' });
  expect(html).toContain('pl-page');

  const complaints = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const recovered: unknown[] = [];
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  const place = document.body.appendChild(document.createElement('div'));
  place.innerHTML = html;
  const before = place.firstElementChild;
  await act(async () => {
    const page = (
      <StrictMode>
        <LiveChatProvider url="http://127.0.0.1:9" token={() => 'none'} locale="en">
          <LiveChatPage />
        </LiveChatProvider>
      </StrictMode>
    );
    const root = hydrateRoot(place, page, { onRecoverableError: (error) => recovered.push(error) });
    onTestFinished(() => root.unmount());
    await Promise.resolve();
  });
  expect(recovered).toEqual([]);
  expect(complaints.mock.calls).toEqual([]);
  expect(place.firstElementChild).toBe(before);
});

import { conversation } from '../support/conversations.ts';
import { quantile, report, say, sayLoad } from '../support/benchmarks.ts';
import { expect, test } from '../support/test.ts';

// npm run thread: one conversation of 100,000 messages: how long it takes to open, and how its reader is moved by what loads.

const count = 100_000;
const tries = 5;
/** At 60 frames a second 7,200 px in each: as fast as a wheel is spun. */
const stepPx = 120;
const scrolledFrames = 900;
const command = 'npm run thread';

const words = ['yes', 'the lamp with the long arm', 'it fits, thank you', 'and how much is it to send two of them abroad, do you know that by heart?'];
const long = { name: 'Guest Talkative', messages: Array.from({ length: count }, (_, turn) => `${turn + 1}: ${words[turn % words.length]}`) };
const quiet = { name: 'Guest Quiet', messages: ['Only this'] };

test.use({
  serverOptions: { demo: false, conversations: [conversation(quiet, 5), conversation(long, 10)] },
  viewport: { width: 1440, height: 900 },
});

test('a thread of 100,000 messages', async ({ inbox, server }) => {
  test.setTimeout(10 * 60_000);
  const { page } = inbox;
  sayLoad();

  const opened: number[] = [];
  for (let attempt = 0; attempt < tries; attempt += 1) {
    await page.goto(server.url);
    await expect(inbox.rows).toHaveCount(2);
    opened.push(await inbox.row(long.name).evaluate(openAndPaint, `${count}: `));
  }
  say(`opened in ${opened.map((ms) => ms.toFixed(0)).join(', ')} ms`);
  report({ figure: 'opening a thread of 100,000 messages, first click: median', seen: `${quantile(opened, 0.5).toFixed(0)} ms`, goal: '300 ms', command });

  const { frames, drifts, scrolledPx } = await inbox.thread.evaluate(scrollUp, { stepPx, scrolledFrames });
  const worst = Math.max(...drifts);
  const moves = drifts.filter((px) => px >= 1);
  say(`${moves.length} of ${drifts.length} frames with 1 px or more: ${moves.slice(0, 20).map((px) => px.toFixed(1)).join(', ')}`);
  report({
    figure: 'scrolling up through it, older messages loading meanwhile: worst move of a message beside the scroll',
    seen: `${worst.toFixed(2)} px in ${drifts.length} frames`,
    goal: 'under 1 px',
    command,
  });
  const inTime = frames.filter((ms) => ms <= 20).length / frames.length;
  report({
    figure: 'the same: frames a second at the median, share of frames in time, longest frame',
    seen: `${(1000 / quantile(frames, 0.5)).toFixed(0)}, ${(inTime * 100).toFixed(1)} %, ${Math.max(...frames).toFixed(0)} ms`,
    goal: '60',
    command,
  });
  expect(drifts.length).toBeGreaterThan(scrolledFrames / 2);
  expect(scrolledPx).toBeGreaterThan((scrolledFrames * stepPx) / 2);
});

/** Clicks the row and answers when a message that begins with `last` has been painted. Runs in the page. */
async function openAndPaint(row: Element, last: string): Promise<number> {
  const began = performance.now();
  (row as HTMLElement).click();
  const isShown = () => [...document.querySelectorAll('[role="log"] .pl-bubble-text')].some((each) => each.textContent?.startsWith(last));
  while (!isShown()) await new Promise((resolve) => requestAnimationFrame(resolve));
  await new Promise((resolve) => setTimeout(resolve));
  return performance.now() - began;
}

/** Scrolls a step at every frame, and follows the message in the middle: it must move by the step and nothing else. */
async function scrollUp(scroller: Element, { stepPx: step, scrolledFrames: wanted }: { stepPx: number; scrolledFrames: number }) {
  const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
  const view = scroller.getBoundingClientRect();
  const middle = () => {
    const found = [...scroller.querySelectorAll('.pl-bubble-text')].find((each) => each.getBoundingClientRect().top > view.top + view.height / 3);
    return found && { element: found, text: found.textContent, top: found.getBoundingClientRect().top };
  };
  const frames: number[] = [];
  const drifts: number[] = [];
  let scrolledPx = 0;
  let before = await frame();
  for (let done = 0; done < wanted; done += 1) {
    // Like a wheel, before the frame: a step inside of it would come after the frame's own scroll event.
    await new Promise((resolve) => setTimeout(resolve));
    const watched = middle();
    const from = scroller.scrollTop;
    scroller.scrollBy(0, -step);
    const moved = from - scroller.scrollTop;
    scrolledPx += moved;
    const now = await frame();
    frames.push(now - before);
    before = now;
    if (watched?.element.isConnected && watched.element.textContent === watched.text) {
      drifts.push(Math.abs(watched.element.getBoundingClientRect().top - watched.top - moved));
    }
  }
  return { frames, drifts, scrolledPx };
}

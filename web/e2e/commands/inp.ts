import { conversation } from '../support/conversations.ts';
import { quantile, report, say, sayLoad } from '../support/benchmarks.ts';
import type { Inbox } from '../support/inbox.ts';
import { Interactions } from '../support/interactions.ts';
import type { ParlorServer } from '../support/server.ts';
import { expect, test } from '../support/test.ts';

// npm run inp: 10,000 conversations loaded and 50 messages a second arriving; how long until what one does is painted.

const count = 10_000;
const perSecond = 50;
const rounds = 12;
const command = 'npm run inp';

const guests = Array.from({ length: count }, (_, index) => ({
  name: `Guest ${String(index + 1).padStart(5, '0')}`,
  messages: [`Question about order ${index + 1}`, `Answer about order ${index + 1}`],
}));

test.use({
  serverOptions: { demo: false, conversations: guests.map((guest, index) => conversation(guest, 10 + index)) },
  viewport: { width: 1440, height: 900 },
});

test('interaction to next paint', async ({ inbox, server }) => {
  test.setTimeout(15 * 60_000);
  const { page } = inbox;
  await expect(inbox.count).toHaveText(/10[,.]?000/);
  await loadAll(inbox);
  sayLoad();

  const quiet = await busyMs(inbox, 5_000);
  const traffic = await Traffic.start(server);
  const busy = await busyMs(inbox, 10_000);
  const perEvent = Math.max(0, busy.script - quiet.script * 2) / busy.events(traffic);
  report({ figure: 'one message arriving, 10,000 conversations loaded: script', seen: `${perEvent.toFixed(1)} ms`, goal: '1 ms', command });

  const interactions = await Interactions.watch(page);
  for (let round = 0; round < rounds; round += 1) await useIt(inbox, interactions, round);
  await traffic.stop();
  say(`${traffic.sent} messages arrived, ${traffic.rate.toFixed(0)} a second`);
  for (const [kind, took] of interactions.kinds) {
    say(`  ${kind.padEnd(8)} p75 ${quantile(took, 0.75)} ms, longest ${Math.max(...took)} ms, of ${took.length}`);
  }
  const { all } = interactions;
  report({
    figure: `interaction to next paint, 10,000 conversations loaded, ${perSecond} messages a second: p75 (p98)`,
    seen: `${quantile(all, 0.75)} ms (${quantile(all, 0.98)} ms) of ${all.length}`,
    goal: '100 ms',
    command,
  });

  const switches: number[] = [];
  for (let round = 0; round < 6; round += 1) {
    for (const view of ['Unread', 'Open'] as const) switches.push(await switchTo(inbox, view));
  }
  report({ figure: 'filter switch, 10,000 conversations loaded: median', seen: `${quantile(switches, 0.5).toFixed(0)} ms`, goal: '50 ms', command });
});

/** Scrolls to the end, so that all are loaded, and back. */
async function loadAll({ list }: Inbox): Promise<void> {
  await list.getByRole('list').evaluate(async (rows) => {
    const scroller = rows.parentElement as HTMLElement;
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    while (rows.lastElementChild?.textContent !== 'That is all of them.') {
      scroller.scrollTop = scroller.scrollHeight;
      await frame();
    }
    scroller.scrollTop = 0;
    await frame();
  });
}

async function useIt(inbox: Inbox, interactions: Interactions, round: number): Promise<void> {
  const { page } = inbox;
  await interactions.of('select', 1, () => inbox.rows.nth(2 + (round % 4)).click());
  await expect(inbox.composer).toBeVisible();
  await inbox.composer.focus();
  await interactions.of('type', 12, () => page.keyboard.type('Certainly so', { delay: 20 }));
  await interactions.of('send', 1, () => page.keyboard.press('Enter'));
  await page.keyboard.press('Escape');
  await interactions.of('J', 3, async () => {
    for (let times = 0; times < 3; times += 1) await page.keyboard.press('j', { delay: 20 });
  });
  await interactions.of('K', 3, async () => {
    for (let times = 0; times < 3; times += 1) await page.keyboard.press('k', { delay: 20 });
  });
  for (const view of ['Unread', 'Open']) {
    await interactions.of('filter', 1, () => page.locator('label').filter({ hasText: new RegExp(`^${view}$`) }).first().click());
  }
}

/** Until the other rows are painted; both lists have been loaded before. */
async function switchTo({ list, page }: Inbox, view: string): Promise<number> {
  const label = page.locator('label').filter({ hasText: new RegExp(`^${view}$`) }).first();
  const took = await label.evaluate(async (element) => {
    const began = performance.now();
    (element as HTMLElement).click();
    do await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    while (document.querySelector('.pl-card[tabindex]') === null);
    return performance.now() - began;
  });
  await expect(list.getByRole('radio', { name: view, exact: true })).toBeChecked();
  return took;
}

/** How long the page's scripts ran in some time, by the browser's own count. */
async function busyMs({ page }: Inbox, forMs: number) {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const script = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return (metrics.find(({ name }) => name === 'ScriptDuration')?.value ?? 0) * 1000;
  };
  const before = await script();
  await page.evaluate((ms) => new Promise((resolve) => setTimeout(resolve, ms)), forMs);
  const ran = (await script()) - before;
  await session.detach();
  return { script: ran, events: (traffic: Traffic) => (traffic.rate * forMs) / 1000 };
}

/** Guests who go on writing, the rate kept whatever the answers take. */
class Traffic {
  sent = 0;
  private readonly startedAt = Date.now();
  private endedAt: number | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly underWay = new Set<Promise<void>>();

  static async start(server: ParlorServer): Promise<Traffic> {
    const by = { role: 'service', sub: 'guests' } as const;
    const { conversations } = await server.api<{ conversations: { id: string }[] }>(by, 'GET', '/conversations?limit=100');
    const token = await server.token(by);
    const traffic = new Traffic();
    traffic.timer = setInterval(() => {
      const due = ((Date.now() - traffic.startedAt) * perSecond) / 1000;
      while (traffic.sent < due && traffic.underWay.size < 100) traffic.post(server, token, conversations);
    }, 20);
    return traffic;
  }

  get rate(): number {
    return (this.sent * 1000) / ((this.endedAt ?? Date.now()) - this.startedAt);
  }

  private post(server: ParlorServer, token: string, conversations: readonly { id: string }[]): void {
    const { id: conversationId = '' } = conversations[this.sent % conversations.length] ?? {};
    this.sent += 1;
    const body = JSON.stringify({ conversationId, type: 'user', text: `And another question, number ${this.sent}` });
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    const done = fetch(`${server.url}/api/live-chat/messages`, { method: 'POST', headers, body }).then((answer) => {
      if (!answer.ok) throw new Error(`A guest's message was refused: ${answer.status}`);
    }).finally(() => this.underWay.delete(done));
    this.underWay.add(done);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.endedAt = Date.now();
    await Promise.all(this.underWay);
  }
}

import { conversation, guests } from '../support/conversations.ts';
import type { Inbox } from '../support/inbox.ts';
import { expect, test } from '../support/test.ts';

const count = 2_000;
const open = 1_800;

const all = guests(count);
const talkative = { name: 'Guest Talkative', messages: Array.from({ length: 40 }, (_, turn) => `Thought number ${turn}`) };
const quiet = { name: 'Guest Quiet', messages: ['Only this'] };
const oneWord = { name: 'Guest Wordsmith', messages: ['Good evening', 'Good evening to you', 'It is about the chandelierbracket', 'We have those'] };

test.use({
  serverOptions: {
    demo: false,
    conversations: [
      ...all.map((guest, index) => conversation(guest, 10 + index)),
      conversation(talkative, 20_000),
      conversation(quiet, 20_001),
      conversation(oneWord, 20_002),
    ],
  },
});

test('one scrolls through all conversations, each once, to an end that says so', async ({ inbox }) => {
  test.slow();
  await expect(inbox.count).toHaveText(`${open + 3} conversations`);
  const seen = await scrollThrough(inbox);
  expect(seen).toHaveLength(open + 3);
  expect(new Set(seen).size).toBe(open + 3);
  const expected = all.filter(({ isClosed }) => !isClosed).map(({ name }) => name);
  expect(seen).toEqual([...expected, talkative.name, quiet.name, oneWord.name]);
  await expect(inbox.list.getByText('That is all of them.')).toBeVisible();

  // What happens at the top meanwhile is there when one comes back, and nothing was lost on the way.
  await inbox.list.getByRole('list').getByRole('button').last().press('Home');
  await expect(inbox.rows.first()).toContainText('Guest 0001');
});

test('a word that was said in one message only finds that conversation', async ({ inbox }) => {
  await inbox.search.fill('chandelierbr');
  await expect(inbox.rows).toHaveText([/Guest Wordsmith/]);
  await expect(inbox.count).toHaveText('1 conversation');
  await inbox.open('Guest Wordsmith');
  await expect(inbox.message('It is about the chandelierbracket')).toBeVisible();

  await inbox.search.fill('no such word anywhere');
  await expect(inbox.list.getByText('Nothing matches “no such word anywhere”')).toBeVisible();
  await inbox.list.getByRole('button', { name: 'Clear search' }).last().click();
  await expect(inbox.count).toHaveText(`${open + 3} conversations`);

  await inbox.search.fill('guest 0730');
  await inbox.show('Closed');
  await expect(inbox.rows).toHaveText([/Guest 0730/]);
  await inbox.show('Open');
  await expect(inbox.rows).toHaveCount(0);
});

test('filters show what they say, sorts begin with what they say', async ({ inbox }) => {
  await inbox.show('Closed');
  await expect(inbox.count).toHaveText(`${count - open} conversations`);
  await expect(inbox.rows.first()).toContainText('Guest 0010');
  await inbox.show('All');
  await expect(inbox.count).toHaveText(`${count + 3} conversations`);
  await inbox.show('Archived');
  await expect(inbox.list.getByText('Nothing here')).toBeVisible();
  await inbox.show('Open');

  for (const [sort, first] of [
    ['Oldest first', oneWord.name],
    ['Most messages', talkative.name],
    ['Fewest messages', quiet.name],
    ['Newest first', 'Guest 0001'],
  ] as const) {
    await inbox.sort.selectOption(sort);
    await expect(inbox.rows.first()).toContainText(first);
  }
});

/** Scrolls a screen at every frame until the end of the list; the names that were on the way, in order. */
async function scrollThrough(inbox: Inbox): Promise<string[]> {
  return inbox.list.getByRole('list').evaluate(async (list) => {
    const scroller = list.parentElement;
    const names = new Map<number, string>();
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    for (;;) {
      for (const row of list.querySelectorAll<HTMLElement>('[data-index]')) {
        const name = row.querySelector('.pl-card-name')?.textContent;
        if (name) names.set(Number(row.dataset['index']), name);
      }
      if (list.textContent?.includes('That is all of them.')) break;
      scroller?.scrollBy(0, scroller.clientHeight);
      await frame();
    }
    return [...names].toSorted(([a], [b]) => a - b).map(([, name]) => name);
  });
}

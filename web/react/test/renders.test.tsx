import { act, screen } from '@testing-library/react';
import { Profiler } from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ConversationList, LiveChatPage, useLiveChat, type UseLiveChat } from '../src/index.ts';
import { rendersOf } from './support/count-renders.ts';
import { fakeDesk } from './support/fake-desk.ts';
import { aConversation, aMessage, fakeChat, openFilters } from './support/fake-chat.ts';
import { renderWith } from './support/render.tsx';

/** Counts by slots: they are called whenever their row or bubble renders. */
function countedPage() {
  const rows: string[] = [];
  const bubbles: string[] = [];
  const fake = fakeChat();
  fake.showList(openFilters, ['c1', 'c2', 'c3'].map((id) => aConversation(id)));
  fake.showThread('c1', [aMessage('m1'), aMessage('m2', { seq: 2 }), aMessage('m3', { seq: 3 })]);
  const slots = {
    list: { card: { meta: ({ id }: { id: string }) => void rows.push(id) } },
    thread: { message: { text: ({ id, text }: { id: string; text: string }) => (bubbles.push(id), text) } },
  };
  renderWith(fake, <LiveChatPage slots={slots} />, { initialView: { selectedConversationId: 'c1' } });
  return {
    fake,
    rows,
    bubbles,
    forget() {
      rows.length = 0;
      bubbles.length = 0;
    },
  };
}

describe('one incoming message', () => {
  it('renders its bubble and its row, nothing else', () => {
    const { fake, rows, bubbles, forget } = countedPage();
    expect(new Set(bubbles)).toEqual(new Set(['m1', 'm2', 'm3']));
    forget();
    act(() => {
      fake.put(aMessage('m4', { seq: 4, text: 'Just in' }));
      fake.conversations.at('c1').set(aConversation('c1', { lastMessage: 'Just in', version: 2, messageCount: 4 }));
    });
    expect(screen.getAllByText('Just in')).toHaveLength(2);
    expect(bubbles).toEqual(['m4']);
    expect(rows).toEqual(['c1']);
  });

  it('of another conversation renders that row and no bubble', () => {
    const { fake, rows, bubbles, forget } = countedPage();
    forget();
    act(() => fake.conversations.at('c3').set(aConversation('c3', { unreadCount: 1, version: 2 })));
    expect(rows).toEqual(['c3']);
    expect(bubbles).toEqual([]);
  });

  it('that is read later renders its bubble only', () => {
    const { fake, rows, bubbles, forget } = countedPage();
    forget();
    act(() => fake.stored.at('m2').set(aMessage('m2', { seq: 2, state: 'read', version: 2 })));
    expect(bubbles).toEqual(['m2']);
    expect(rows).toEqual([]);
  });
});

/** The whole page of an agent, details beside the thread and all. */
function wholePage() {
  vi.spyOn(HTMLElement.prototype, 'offsetWidth', 'get').mockReturnValue(1_400);
  vi.stubGlobal('ResizeObserver', class {
    observe() {}
    unobserve() {}
    disconnect() {}
  });
  const fake = fakeChat();
  fake.showList(openFilters, ['c1', 'c2', 'c3'].map((id) => aConversation(id)));
  fake.showThread('c1', [aMessage('m1'), aMessage('m2', { seq: 2 }), aMessage('m3', { seq: 3 })]);
  fake.showList({ userId: 'user-c1', status: 'all', archived: 'all' }, []);
  renderWith(fake, <LiveChatPage />, { initialView: { selectedConversationId: 'c1' }, desk: fakeDesk() });
  expect(screen.getByRole('region', { name: 'Labels' })).toBeTruthy();
  return fake;
}

describe('of all components of the page', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });
  const row = ['Avatar', 'CardMeta', 'CardText', 'ConversationCard', 'Glyph', 'HandlerChip', 'Icon', 'RelativeTime'];
  const bubble = ['Author', 'Avatar', 'FoldedText', 'Foot', 'Glyph', 'Icon', 'LinkedText', 'MenuOpener', 'MessageBubble', 'Options', 'ThreadRow'];
  /** Whatever lists the messages, counts them, or says who answers: nothing of it per message. */
  const around = [
    'Announcer', 'Hint', 'JumpToLatest', 'LoadedPart', 'MessageCount', 'Thread', 'WindowedRows',
  ];
  const sorted = (names: readonly string[]) => [...new Set(names)].toSorted();

  it('one incoming message renders those that show it, once', () => {
    const fake = wholePage();
    const names = rendersOf(() =>
      act(() => {
        fake.put(aMessage('m4', { seq: 4, text: 'Just in' }));
        fake.conversations.at('c1').set(aConversation('c1', { lastMessage: 'Just in', version: 2, messageCount: 4 }));
      }));
    expect(sorted(names)).toEqual(sorted([...row, ...bubble, ...around]));
    for (const once of ['ConversationCard', 'MessageBubble', 'ThreadRow', 'MessageCount']) expect(names.filter((name) => name === once)).toEqual([once]);
  });

  it('one in another conversation renders its row', () => {
    const fake = wholePage();
    const names = rendersOf(() => act(() => fake.conversations.at('c3').set(aConversation('c3', { lastMessage: 'Hm', unreadCount: 1, version: 2 }))));
    expect(names).toEqual(row);
  });

  it('one that moves its conversation up renders the list, and nothing above it', () => {
    const fake = wholePage();
    act(() => fake.showList({ unread: true }, ['c1', 'c3'].map((id) => aConversation(id))));
    const names = rendersOf(() =>
      act(() => {
        for (const filters of [openFilters, { unread: true }]) fake.showIds(filters, ['c3', 'c1']);
      }));
    expect(names).toEqual(['Body', 'Listed', 'Rows']);
  });
});

describe('a conversation that moves up', () => {
  /** Ids that count how often somebody walks through all of them. */
  class CountedIds extends Array<string> {
    static walks = 0;
    override [Symbol.iterator]() {
      CountedIds.walks += 1;
      return super[Symbol.iterator]();
    }
  }
  const counted = (ids: readonly string[]) => CountedIds.from(ids);

  it('walks through no list and has no row laid out to be measured', () => {
    const fake = fakeChat();
    const ids = Array.from({ length: 100 }, (_, index) => `c${index}`);
    fake.showList(openFilters, ids.map((id) => aConversation(id)));
    renderWith(fake, <ConversationList />);
    const height = vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get');
    const moved = counted(['c70', ...ids.filter((id) => id !== 'c70')]);
    CountedIds.walks = 0;
    act(() => fake.showIds(openFilters, moved));
    expect(screen.getByText('Visitor c70')).toBeTruthy();
    expect(CountedIds.walks).toBe(0);
    expect(height).not.toHaveBeenCalled();
    height.mockRestore();
  });
});

describe('useLiveChat', () => {
  function hook(read: (live: UseLiveChat) => unknown) {
    const fake = fakeChat();
    fake.showList(openFilters, [aConversation('c1'), aConversation('c2')], { hasMore: true, total: 40 });
    fake.showThread('c1', [aMessage('m1')]);
    const seen = { renders: 0, live: undefined as UseLiveChat | undefined, value: undefined as unknown };
    function Reader() {
      const live = useLiveChat();
      const value = read(live);
      return (
        <Profiler
          id="reader"
          onRender={() => {
            seen.renders += 1;
            seen.live = live;
            seen.value = value;
          }}
        >
          <i />
        </Profiler>
      );
    }
    renderWith(fake, <Reader />, { initialView: { selectedConversationId: 'c1' } });
    return { fake, seen };
  }

  it('renders for a field that is read', () => {
    const { fake, seen } = hook(({ conversations }) => conversations.map((each) => each.lastMessage));
    const before = seen.renders;
    act(() => fake.conversations.at('c2').set(aConversation('c2', { lastMessage: 'New' })));
    expect(seen.renders).toBe(before + 1);
    expect(seen.value).toEqual(['Last of c1', 'New']);
  });

  it('says that one reads and writes, for a look of one’s own', () => {
    const { fake, seen } = hook(({ total }) => total);
    act(() => {
      seen.live?.markRead('c1');
      seen.live?.setTyping('c1', true);
    });
    expect(fake.called('markRead')).toEqual([['markRead', 'c1']]);
    expect(fake.called('setTyping')).toEqual([['setTyping', 'c1', true]]);
  });

  it('renders for nothing else', () => {
    const { fake, seen } = hook(({ total }) => total);
    const before = seen.renders;
    act(() => {
      fake.conversations.at('c1').set(aConversation('c1', { lastMessage: 'New' }));
      fake.put(aMessage('m2', { seq: 2 }));
      fake.connection.set({ phase: 'offline', since: new Date(0), attempt: 3, queued: 1, unsaved: 0 });
    });
    expect(seen.renders).toBe(before);
    act(() => fake.showList(openFilters, [aConversation('c1')], { total: 41 }));
    expect(seen.renders).toBe(before + 1);
    expect(seen.value).toBe(41);
  });

  it('opens a thread only when messages are read, and closes it again', () => {
    const { fake: idle } = hook(({ conversations }) => conversations);
    expect(idle.called('open')).toEqual([]);
    const { fake, seen } = hook(({ messages }) => messages.map((each) => each.id));
    expect(fake.called('open')).toEqual([['open', 'c1']]);
    expect(seen.value).toEqual(['m1']);
    act(() => fake.put(aMessage('m2', { seq: 2 })));
    expect(seen.value).toEqual(['m1', 'm2']);
    act(() => seen.live?.selectConversation(undefined));
    expect(fake.opened).toBe(0);
    expect(seen.value).toEqual([]);
  });

  it('keeps the identity of what did not change', () => {
    const { fake, seen } = hook(({ conversations, connection }) => ({ conversations, connection }));
    const first = seen.value as { conversations: unknown };
    act(() => fake.connection.set({ phase: 'polling', since: new Date(0), attempt: 1, queued: 0, unsaved: 0 }));
    expect((seen.value as { conversations: unknown }).conversations).toBe(first.conversations);
  });

  it('sends into the selected conversation, under both names, and answers at once', () => {
    const { fake, seen } = hook(({ selectedConversationId }) => selectedConversationId);
    expect(seen.live?.sendMessage('Hi')).toMatchObject({ text: 'Hi', state: 'sending' });
    seen.live?.handleSendMessage('c2', 'There');
    expect(fake.called('send')).toEqual([['send', 'c1', { text: 'Hi' }], ['send', 'c2', { text: 'There' }]]);
    act(() => seen.live?.handleSelectConversation(undefined));
    expect(() => seen.live?.sendMessage('Nowhere')).toThrow(/No conversation is selected/);
  });

  it('loads more and refreshes the list that is shown', async () => {
    const { fake, seen } = hook(({ filters }) => filters);
    act(() => seen.live?.handleFiltersChange({ status: 'closed', sortBy: 'oldest' }));
    await seen.live?.loadMore();
    await seen.live?.fetchConversations();
    const shown = { status: 'closed', archived: false, sortBy: 'oldest' };
    expect(fake.called('loadMore')).toEqual([['loadMore', shown]]);
    expect(fake.called('refresh')).toEqual([['refresh', shown]]);
  });

  it('passes its refresh interval on, and none without autoRefresh', () => {
    const fake = fakeChat();
    function Reader({ auto }: { auto: boolean }) {
      useLiveChat({ autoRefresh: auto, refreshInterval: 5000 });
      return null;
    }
    const { rerender } = renderWith(fake, <Reader auto />);
    rerender(<Reader auto={false} />);
    expect(fake.called('setRefreshInterval')).toEqual([['setRefreshInterval', 5000], ['setRefreshInterval', 0]]);
  });
});

import { render, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { initialsOf } from '../src/avatar.tsx';
import { createFormat } from '../src/text/format.ts';
import { LinkedText } from '../src/text/links.tsx';
import { english } from '../src/text/messages.ts';
import { moment, until } from '../src/text/until.ts';
import { wordSystemLine } from '../src/thread/system-message.tsx';
import { aMessage } from './support/fake-chat.ts';

describe('links', () => {
  it('links http, https and mail, and nothing that runs', async () => {
    render(<LinkedText text="see https://parlor.test/a?b=1, write to a@parlor.test; javascript:alert(1) data:text/html,x ftp://x.test" />);
    const links = await screen.findAllByRole<HTMLAnchorElement>('link');
    expect(links.map((link) => link.getAttribute('href'))).toEqual(['https://parlor.test/a?b=1', 'mailto:a@parlor.test']);
    for (const link of links) expect(link.rel).toBe('noopener noreferrer nofollow ugc');
  });

  it('shows markup as text', async () => {
    const { container } = render(<LinkedText text={'<img src=x onerror=alert(1)> <a href="javascript:1">x</a> https://x.test'} />);
    await screen.findByText(/x.test/, { selector: 'a' });
    expect(container.querySelectorAll('img, [href^="javascript"]')).toHaveLength(0);
    expect(container.textContent).toContain('<img src=x');
  });

  it('keeps every character of the text', async () => {
    const text = 'a https://x.test b\n\nc (www.y.com) mailto:a@b.com d';
    const { container } = render(<LinkedText text={text} />);
    expect(await screen.findAllByRole('link')).toHaveLength(3);
    expect(container.textContent).toBe(text);
  });
});

const format = createFormat('en-GB', english);
const now = new Date(2026, 10, 22, 15, 0);

describe('times', () => {
  it('says the day as a person would', () => {
    expect(format.day(new Date(2026, 10, 22, 1), now)).toBe('Today');
    expect(format.day(new Date(2026, 10, 21, 23), now)).toBe('Yesterday');
    expect(format.day(new Date(2026, 9, 1), now)).toBe('Thursday 1 October');
    expect(format.day(new Date(2025, 9, 1), now)).toBe('1 October 2025');
  });

  it('is short in a row and never in the future', () => {
    expect(format.short(new Date(2026, 10, 22, 15, 5), now)).toBe('now');
    expect(format.short(new Date(2026, 10, 22, 14, 55), now)).toBe('5 mins');
    expect(format.short(new Date(2026, 10, 22, 9, 7), now)).toBe('09:07');
    expect(format.short(new Date(2026, 10, 20, 9, 7), now)).toBe('Fri');
    expect(format.ago(new Date(2026, 10, 22, 12, 0), now)).toBe('3 hours ago');
  });
});

describe('a time to come', () => {
  const at = (minutes: number) => until('en-GB', new Date(now.getTime() + minutes * 60_000), now);

  it('is rounded up: nothing comes before it was said to', () => {
    expect([0.2, 11.5, 60, 61, 24 * 60, 24 * 60 + 1].map(at)).toEqual(['in 1 minute', 'in 12 minutes', 'in 60 minutes', 'in 2 hours', 'in 24 hours', 'in 2 days']);
  });

  it('is weekday and time when near, else a date', () => {
    expect(moment('en-GB', new Date(2026, 10, 24, 9), now)).toMatch(/^Tue,? 09:00$/);
    expect(moment('en-GB', new Date(2027, 2, 3, 9), now)).toBe('3 Mar 2027');
  });
});

describe('words', () => {
  it('words system lines by their code and keeps unknown ones', () => {
    const timestamp = new Date(2026, 10, 22, 14, 0);
    const line = (code: string, params?: Record<string, string>) =>
      wordSystemLine(aMessage('m', { type: 'system', text: 'Said plainly', timestamp, system: { code, ...(params && { params }) } }), english, format);
    expect(line('agent_joined', { name: 'Ann' })).toBe('Ann joined');
    expect(line('conversation_closed', { reason: 'user' })).toBe('Closed by the visitor');
    expect(line('conversation_closed', { reason: 'inactivity' })).toBe('Closed after a time without messages');
    expect(line('closing_soon', { at: new Date(2026, 10, 22, 14, 5).toISOString() })).toBe('This conversation closes at 14:05 unless you write.');
    expect(line('closing_soon', { at: new Date(2026, 10, 23, 0, 5).toISOString() })).toContain('Monday');
    expect(line('closing_soon', { at: 'soon' })).toBe('Said plainly');
    expect(line('of_a_newer_server')).toBe('Said plainly');
  });

  it('takes initials by whole characters', () => {
    expect(initialsOf('ada king lovelace')).toBe('AL');
    expect(initialsOf('  𝒜da ')).toBe('𝒜');
    expect(initialsOf('')).toBe('');
  });
});

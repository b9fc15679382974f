import { defaultFilters } from '@parlor/react';
import { describe, expect, it } from 'vitest';
import { messageAddress, readAddress, writeAddress } from '../src/address.ts';

describe('the address', () => {
  it.each([
    '/',
    '/?status=closed&sort=oldest&q=blue+lamp&conversation=0190',
    '/?archived=true',
    '/?status=all&sort=most_messages',
    '/?status=all&handler=agent&assignee=me&unread=true&label=vip&funnel=shop&conversation=0190&message=12',
    '/?q=refund&conversation=0190&message=12&note=0191',
  ])('reads and writes %s', (address) => {
    expect(writeAddress(readAddress(address.slice(1)))).toBe(address);
  });

  it('takes anything it does not know for the default', () => {
    expect(writeAddress(readAddress('?status=lost&sort=color&archived=maybe&handler=nobody&unread=0&message=7&x=1'))).toBe('/');
    expect(writeAddress(readAddress('?conversation=0190&message=-1&note=0191'))).toBe('/?conversation=0190');
    expect(writeAddress(readAddress('?conversation=0190&message=12&note='))).toBe('/?conversation=0190&message=12');
    expect(writeAddress(readAddress('?message=12&note=0191'))).toBe('/');
  });

  it('searches for what it says', () => {
    expect(readAddress('?q=lamp')).toMatchObject({ searchQuery: 'lamp', filters: { ...defaultFilters, searchQuery: 'lamp' } });
  });

  it('of a message has no filters: the list of whoever opens it is theirs', () => {
    expect(messageAddress('0190', 3)).toBe('/?conversation=0190&message=3');
  });
});

import { describe, expect, it } from 'vitest';
import { readAddress, writeAddress } from '../src/address.ts';

describe('the address', () => {
  it.each([
    '/',
    '/?status=closed&sort=oldest&q=blue+lamp&conversation=0190',
    '/?archived=true',
    '/?status=all&sort=most_messages',
  ])('reads and writes %s', (address) => {
    expect(writeAddress(readAddress(address.slice(1)))).toBe(address);
  });

  it('takes anything it does not know for the default', () => {
    expect(writeAddress(readAddress('?status=lost&sort=color&archived=maybe&x=1'))).toBe('/');
  });
});

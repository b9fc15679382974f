import { useState } from 'react';
import { Icon } from './icons.tsx';

export interface AvatarProps {
  kind: 'user' | 'bot' | 'agent';
  name: string;
  src?: string | undefined;
  size?: 'tiny' | 'small' | 'medium';
  isOnline?: boolean | undefined;
}

const tones = 6;

function toneOf(name: string): number {
  let hash = 0;
  for (const char of name) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  return hash % tones;
}

/** First letters of the first and the last word, by whole characters. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/u);
  const first = Array.from(words[0] ?? '')[0] ?? '';
  const last = words.length > 1 ? (Array.from(words[words.length - 1] ?? '')[0] ?? '') : '';
  return (first + last).toLocaleUpperCase();
}

/** Decoration beside a name that is always written out, so hidden from screen readers. */
export function Avatar({ kind, name, src, size = 'medium', isOnline }: AvatarProps) {
  const [brokenSrc, setBrokenSrc] = useState<string>();
  return (
    <span
      className="pl-avatar"
      aria-hidden="true"
      data-kind={kind}
      data-size={size}
      data-tone={kind === 'bot' ? undefined : toneOf(name)}
      data-online={isOnline || undefined}
    >
      {kind === 'bot' ? (
        <Icon name="bot" />
      ) : src !== undefined && src !== brokenSrc ? (
        <img src={src} alt="" loading="lazy" referrerPolicy="no-referrer" onError={() => setBrokenSrc(src)} />
      ) : (
        initialsOf(name) || <Icon name="agent" />
      )}
    </span>
  );
}

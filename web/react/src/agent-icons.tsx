import { Glyph } from './icons.tsx';

/** Icons of what only agents open, loaded with it. */
const paths = {
  assign: 'M6.5 7.5a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6ZM2 13c.4-2.1 2-3.3 4.5-3.3 1 0 1.9.2 2.6.6M12 9v5M9.5 11.5h5',
  copy: 'M6 5.5h7v8H6zM10 5.5v-3H3v8h3',
  erase: 'M3 4.5h10M6.500 4.500v-2h3v2M4.500 4.500l.6 9h5.8l.6-9M6.800 7v4M9.200 7v4',
  hold: 'M3.500 7.500h9v6h-9zM5.500 7.500V5.200a2.500 2.500 0 0 1 5 0v2.300',
  hand: 'M3 8h8M8 4.5 11.5 8 8 11.5M13.5 3v10',
  info: 'M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0ZM8 7.5v3.2M8 5.2h.01',
  label: 'M2.5 2.5h5L14 9l-5 5-6.5-6.5v-5ZM5.2 5.2h.01',
  link: 'M6.5 9.5 9.5 6.5M7.5 4.800l1.3-1.300a2.6 2.6 0 0 1 3.7 3.700l-1.3 1.300M8.5 11.200l-1.3 1.300a2.6 2.6 0 0 1-3.7-3.700l1.3-1.3',
  note: 'M3 2.5h10V10l-3.5 3.5H3zM13 10H9.5v3.5M5.5 5.5h5M5.5 8h3',
  reopen: 'M3 8a5 5 0 1 0 1.6-3.7L2.5 6.2M2.5 2.8v3.4h3.4',
  unread: 'M13.5 7v5.500h-11v-8H9M2.5 5 8 9l2-1.500M13 5.200a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.400Z',
} as const;

export type AgentIconName = keyof typeof paths;

export function AgentIcon({ name }: { name: AgentIconName }) {
  return <Glyph path={paths[name]} isDirected={name === 'hand'} />;
}

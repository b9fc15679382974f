/** Line icons on a 16 px grid, drawn with the text's colour. Always beside a text or a label, so hidden from readers. */
const paths = {
  agent: 'M8 8.2a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4ZM3 13.5c.5-2.3 2.5-3.6 5-3.6s4.5 1.3 5 3.6',
  alert: 'M8 5v3.5M8 11h.01M7.1 2.5 1.7 12a1 1 0 0 0 .9 1.5h10.8a1 1 0 0 0 .9-1.5L8.9 2.5a1 1 0 0 0-1.8 0Z',
  archive: 'M2 3h12v3H2zM3 6v7h10V6M6.5 8.8h3',
  back: 'M9.5 3.5 5 8l4.5 4.5',
  bot: 'M8 2v2.5M3.5 4.5h9v7.5h-9zM6.2 7.5v1.2M9.8 7.5v1.2M2 7.5v2M14 7.5v2',
  check: 'm3.5 8.5 3 3 6-7',
  checks: 'm1.5 8.5 3 3 6-7M8 11l.5.5 6-7',
  clock: 'M8 4.5V8l2.2 1.5M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0Z',
  close: 'M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0ZM5.5 8.2l1.8 1.8 3.2-3.8',
  cross: 'm4 4 8 8M12 4l-8 8',
  down: 'M8 3v10M3.5 8.5 8 13l4.5-4.5',
  expand: 'm4 6.5 4 4 4-4',
  filter: 'M2.5 4h11M4.5 8h7M6.5 12h3',
  inbox: 'M2 9.5 4 3h8l2 6.5v3.5H2V9.5ZM2 9.5h3.5l1 1.5h3l1-1.5H14',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10ZM10.8 10.8 14 14',
  select: 'M2.5 4.5h2v2h-2zM7.5 5.5h6M2.5 9.5h2v2h-2zM7.5 10.5h6',
  send: 'M8 13V3M3.5 7.5 8 3l4.5 4.5',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return <Glyph path={paths[name]} isDirected={name === 'back'} />;
}

export interface GlyphProps {
  path: string;
  /** Points where reading goes. */
  isDirected?: boolean;
}

export function Glyph({ path, isDirected = false }: GlyphProps) {
  return (
    <svg
      className="pl-icon"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      data-flip={isDirected || undefined}
    >
      <path d={path} />
    </svg>
  );
}

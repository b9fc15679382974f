/** Line icons on a 16 px grid, as in @parlor/react. Always beside a label, so hidden from screen readers. */
const paths = {
  actions: 'M2.5 4h11M2.5 8h7M2.5 12h4M11 11.5l2 2 2-3.5',
  settings: 'M2 4.5h6.5M12.5 4.5H14M2 11.5h1.5M7.5 11.5H14M10.5 6.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM5.5 13.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z',
} as const;

export function Icon({ name }: { name: keyof typeof paths }) {
  return (
    <svg className="pl-icon" viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}

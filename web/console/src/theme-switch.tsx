import { useTheme, type Theme } from './theme.ts';

const names: readonly (readonly [Theme, string])[] = [
  ['system', 'System theme'],
  ['light', 'Light theme'],
  ['dark', 'Dark theme'],
];

export function ThemeSwitch() {
  const [theme, setTheme] = useTheme();
  return (
    <select className="theme-switch" aria-label="Theme" value={theme} onChange={(event) => setTheme(event.target.value as Theme)}>
      {names.map(([value, name]) => (
        <option key={value} value={value}>
          {name}
        </option>
      ))}
    </select>
  );
}

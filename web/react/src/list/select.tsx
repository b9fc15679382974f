import type { ComponentProps } from 'react';
import { Icon } from '../icons.tsx';

/** The browser's own choice, with our arrow. */
export function Select(props: ComponentProps<'select'>) {
  return (
    <span className="pl-select">
      <select {...props} />
      <Icon name="expand" />
    </span>
  );
}

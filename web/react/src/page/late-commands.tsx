import { useEffect, useState, type ComponentType } from 'react';
import type { CommandsProps } from '../commands/commands.tsx';

/** The commands, loaded once the page stands: nobody presses a key before there is something to see. */
export function LateCommands(props: CommandsProps) {
  const [Commands, setCommands] = useState<ComponentType<CommandsProps>>();
  useEffect(() => {
    let isCurrent = true;
    const load = () =>
      import('../commands/commands.tsx').then(
        (module) => {
          if (isCurrent) setCommands(() => module.Commands);
        },
        // Without a network the page works without them, and asks again when there is one.
        () => window.addEventListener('online', load, { once: true }),
      );
    void load();
    return () => {
      isCurrent = false;
      window.removeEventListener('online', load);
    };
  }, []);
  return Commands === undefined ? null : <Commands {...props} />;
}

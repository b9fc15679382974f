export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

/** Holds an answer back until a test has seen what is shown without it. */
export function gate(): Gate {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

// Which components render, all of them: told by React to its developer tools, whose place this takes. Imported before React is.

/** The part of React's own tree that is read here. */
interface Fiber {
  readonly type: unknown;
  readonly flags: number;
  readonly alternate: Fiber | null;
  readonly child: Fiber | null;
  readonly sibling: Fiber | null;
}

/** The flag of a component that was called for this commit. */
const performedWork = 1;

let counted: string[] | undefined;

/** Of what is a component of its own: what wraps one, as `memo` does, is none. */
const nameOf = (type: unknown): string | undefined => (typeof type === 'function' ? type.name : undefined);

/** What a commit left alone is the very same object as before. */
function visit(fiber: Fiber, before: Fiber | null): void {
  const name = nameOf(fiber.type);
  if (name !== undefined && (before === null || fiber.flags & performedWork)) counted?.push(name);
  if (before !== null && fiber.child === before.child) return;
  for (let child = fiber.child; child !== null; child = child.sibling) visit(child, before === null ? null : child.alternate);
}

/** React looks for it once, when its code runs. */
export const isInstalled = Object.assign(globalThis, {
  __REACT_DEVTOOLS_GLOBAL_HOOK__: {
    isDisabled: false,
    supportsFiber: true,
    renderers: new Map(),
    inject: () => 1,
    onCommitFiberRoot(_: number, { current }: { current: Fiber }) {
      if (counted !== undefined) visit(current, current.alternate);
    },
    onCommitFiberUnmount: () => undefined,
    onPostCommitFiberRoot: () => undefined,
  },
}) === globalThis;

/** The names of the components that render meanwhile, as often as they do, in alphabetical order. */
export function rendersOf(run: () => void): readonly string[] {
  counted = [];
  try {
    run();
    return counted.toSorted();
  } finally {
    counted = undefined;
  }
}

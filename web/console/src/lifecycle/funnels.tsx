import type { LifecyclePolicy } from '@parlor/client/desk';
import { useDesk } from '@parlor/react';
import { useState, useSyncExternalStore } from 'react';
import { inheriting, type Draft } from './draft.ts';
import { PolicyFields } from './policy-fields.tsx';
import { useSpoken } from './spoken.ts';

export interface FunnelsProps {
  funnels: Draft['funnels'];
  errors: ReadonlyMap<string, string>;
  inherited: LifecyclePolicy;
  onChange(funnels: Draft['funnels']): void;
}

/** Funnels whose conversations end otherwise than the inbox's. */
export function Funnels({ funnels, errors, inherited, onChange }: FunnelsProps) {
  const { words } = useSpoken();
  const { funnels: known } = useDesk();
  const all = useSyncExternalStore(known.subscribe, known.get) ?? [];
  const [added, setAdded] = useState<string>();
  const nameOf = (id: string) => all.find((each) => each.id === id)?.name ?? id;
  const others = all.filter(({ id }) => !Object.hasOwn(funnels, id));
  const hasError = (id: string) => [...errors.keys()].some((pointer) => pointer.startsWith(`/funnels/${id}/`));

  return (
    <section className="card" aria-labelledby="funnels-title">
      <h2 id="funnels-title">{words.funnels}</h2>
      <p>{words.funnelsHint}</p>
      {Object.entries(funnels).map(([id, draft]) => (
        <details key={id} open={id === added || hasError(id) || undefined}>
          <summary>
            <bdi>{nameOf(id)}</bdi>
          </summary>
          <PolicyFields draft={draft} errors={errors} funnelId={id} inherited={inherited} onChange={(next) => onChange({ ...funnels, [id]: next })} />
          <button
            type="button"
            className="pl-button"
            data-variant="outline"
            onClick={() => onChange(Object.fromEntries(Object.entries(funnels).filter(([each]) => each !== id)))}
          >
            {words.funnelRemove(nameOf(id))}
          </button>
        </details>
      ))}
      {others.length > 0 && (
        <select
          className="entry"
          value=""
          aria-label={words.funnelAdd}
          onChange={(event) => {
            setAdded(event.target.value);
            onChange({ ...funnels, [event.target.value]: inheriting });
          }}
        >
          <option value="" disabled>
            {words.funnelAdd}
          </option>
          {others.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      )}
    </section>
  );
}

import { Avatar, useMe, useParlor } from '@parlor/react';
import { SettingsPanel } from './settings-panel.tsx';
import { useWords } from './text/words.tsx';
import { Icon } from './ui/icon.tsx';
import { Popover } from './ui/popover.tsx';

export function Workspace() {
  const me = useMe();
  return me === undefined ? null : <bdi className="workspace">{me.workspace.name}</bdi>;
}

/** What concerns the page and oneself, at the end of its header. */
export function Tools({ onSignOut }: { onSignOut(): void }) {
  const { overlay } = useParlor();
  const words = useWords();
  return (
    <>
      <button type="button" className="pl-button" data-variant="icon" aria-label={words.allActions} title={words.allActions} onClick={() => overlay.set('palette')}>
        <Icon name="actions" />
      </button>
      <Popover label={words.settings} variant="icon" face={<Icon name="settings" />}>
        <SettingsPanel />
      </Popover>
      <Account onSignOut={onSignOut} />
    </>
  );
}

function Account({ onSignOut }: { onSignOut(): void }) {
  const me = useMe();
  const words = useWords();
  // Before the server has said who this is, one can leave all the same.
  const name = me?.name ?? me?.sub ?? words.roleAgent;
  return (
    <Popover
      label={words.account}
      face={
        <>
          <Avatar kind="agent" name={name} size="small" />
          <span className="pl-hidden">{words.account}</span> <bdi className="me">{name}</bdi>
        </>
      }
    >
      <p className="who">
        <strong>
          <bdi>{name}</bdi>
        </strong>
        <span>{me?.role === 'admin' ? words.roleAdmin : words.roleAgent}</span>
      </p>
      {me && (
        <p className="who">
          <span>{words.workspace}</span>
          <bdi>{me.workspace.name}</bdi>
        </p>
      )}
      <button type="button" className="pl-button" data-variant="outline" onClick={onSignOut}>
        {words.signOut}
      </button>
    </Popover>
  );
}

import type { SettingsPreview } from '@parlor/client/desk';
import { useDesk } from '@parlor/react';
import { useEffect, useState } from 'react';
import type { Rules } from './draft.ts';
import { useSpoken } from './spoken.ts';

/** Pause in typing after which it is asked what would have been. */
const previewAfterMs = 400;
const dayMs = 86_400_000;

interface Answer {
  key: string;
  preview?: SettingsPreview;
}

/** What the settings being written would have done and would do. Asked anew for each; an older answer is never shown for it. */
export function Preview({ change }: { change: Rules }) {
  const { lifecycle } = useDesk();
  const { words } = useSpoken();
  const key = JSON.stringify(change);
  const [answer, setAnswer] = useState<Answer>();
  useEffect(() => {
    let isWanted = true;
    const timer = setTimeout(() => {
      lifecycle.preview(JSON.parse(key) as typeof change).then(
        (preview) => isWanted && setAnswer({ key, preview }),
        // One can save without it: what does not hold is said then.
        () => isWanted && setAnswer({ key }),
      );
    }, previewAfterMs);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [lifecycle, key]);
  if (answer?.key !== key) return <p className="preview">{words.previewing}</p>;
  return answer.preview === undefined ? null : <Sentence preview={answer.preview} />;
}

function Sentence({ preview }: { preview: SettingsPreview }) {
  const { words } = useSpoken();
  const { from, to, conversations, isCapped, closes, closesWaiting, closesNow, archives, deletes } = preview;
  const days = Math.round((to.getTime() - from.getTime()) / dayMs);
  return (
    <p className="preview">
      <strong>{words.wouldHaveClosed(closes, closesWaiting, days)}</strong> {closesNow > 0 && words.closeNow(closesNow)}{' '}
      {archives + deletes > 0 && words.willArchiveAndErase(archives, deletes, days)} {isCapped && words.counted(conversations)}
    </p>
  );
}

import { useParlor, usePreferences } from '@parlor/react';
import { useId } from 'react';
import { permission } from './attention/notifications.ts';
import { chime } from './attention/sound.ts';
import { switchNotifications, switchSound } from './attention/switch.ts';
import { openSettings, type SettingsPlace } from './place.ts';
import { settings, useSettings } from './settings.ts';
import { languageNames, languages } from './text/language.ts';
import { useLanguage, useWords } from './text/words.tsx';
import { useTheme, type Theme } from './theme.ts';
import { closeAround } from './ui/popover.tsx';
import { Segments } from './ui/segments.tsx';
import { Switch } from './ui/switch.tsx';

/** Everything one can have one's own way. Each takes effect at once. */
export function SettingsPanel() {
  const { overlay } = useParlor();
  const words = useWords();
  const [{ shortcuts, plainList }, setPreferences] = usePreferences();
  return (
    <>
      <h2>{words.settings}</h2>
      <LanguageSetting />
      <ThemeSetting />
      <h3>{words.attention}</h3>
      <NotificationSetting />
      <SoundSetting />
      <h3>{words.keys}</h3>
      <Switch label={words.singleKeys} isOn={shortcuts} onChange={(isOn) => setPreferences({ shortcuts: isOn })} />
      <button
        type="button"
        className="pl-button"
        data-variant="link"
        onClick={(event) => {
          closeAround(event.currentTarget);
          overlay.set('help');
        }}
      >
        {words.showKeys}
      </button>
      <h3>{words.reading}</h3>
      <Switch label={words.plainList} hint={words.plainListHint} isOn={plainList} onChange={(isOn) => setPreferences({ plainList: isOn })} />
      <h3>{words.workspace}</h3>
      <PageLink place="lifecycle" label={words.lifecycle} hint={words.lifecycleHint} />
      <PageLink place="answers" label={words.answers} hint={words.answersHint} />
    </>
  );
}

function PageLink({ place, label, hint }: { place: SettingsPlace; label: string; hint: string }) {
  return (
    <div>
      <button
        type="button"
        className="pl-button"
        data-variant="link"
        title={hint}
        onClick={(event) => {
          closeAround(event.currentTarget);
          openSettings(place);
        }}
      >
        {label}
      </button>
    </div>
  );
}

function LanguageSetting() {
  const { language, setLanguage } = useLanguage();
  const words = useWords();
  return (
    <Segments
      label={words.language}
      value={language}
      options={languages.map((value) => ({ value, label: languageNames[value], lang: value }))}
      onChange={setLanguage}
    />
  );
}

function ThemeSetting() {
  const words = useWords();
  const [theme, setTheme] = useTheme();
  const options: readonly { value: Theme; label: string }[] = [
    { value: 'system', label: words.themeSystem },
    { value: 'light', label: words.themeLight },
    { value: 'dark', label: words.themeDark },
  ];
  return <Segments label={words.theme} value={theme} options={options} onChange={setTheme} />;
}

function NotificationSetting() {
  const words = useWords();
  const { notifications } = useSettings();
  // Each answer of the browser is followed by a change of the settings.
  const allowed = permission();
  const hints = { default: words.notificationsHint, granted: words.notificationsHint, denied: words.notificationsBlocked, missing: words.notificationsMissing };

  return (
    <Switch
      label={words.notifications}
      hint={hints[allowed]}
      isOn={notifications && allowed === 'granted'}
      isDisabled={allowed === 'missing' || allowed === 'denied'}
      onChange={(isOn) => void switchNotifications(isOn)}
    />
  );
}

function SoundSetting() {
  const words = useWords();
  const { sound, volume } = useSettings();
  const id = useId();
  return (
    <>
      <Switch label={words.sound} isOn={sound} onChange={switchSound} />
      {sound && (
        <div className="volume">
          <label htmlFor={id}>{words.volume}</label>
          <input
            id={id}
            type="range"
            min="0.1"
            max="1"
            step="0.1"
            value={volume}
            onChange={(event) => settings.set({ volume: Number(event.target.value) })}
            onPointerUp={() => chime(settings.get().volume)}
            onKeyUp={() => chime(settings.get().volume)}
          />
        </div>
      )}
    </>
  );
}

let context: AudioContext | undefined;

/** Two short tones, made here: nothing to load, nothing for the policy to allow. */
export function chime(volume: number): void {
  if (volume <= 0 || typeof AudioContext === 'undefined') return;
  context ??= new AudioContext();
  const audio = context;
  // Browsers hold sound back until somebody has used the page.
  if (audio.state === 'suspended') void audio.resume();
  const gain = audio.createGain();
  gain.connect(audio.destination);
  const start = audio.currentTime;
  for (const [index, frequency] of [659.25, 880].entries()) {
    const at = start + index * 0.12;
    const tone = audio.createOscillator();
    const envelope = audio.createGain();
    tone.frequency.value = frequency;
    envelope.gain.setValueAtTime(0, at);
    envelope.gain.linearRampToValueAtTime(1, at + 0.01);
    envelope.gain.exponentialRampToValueAtTime(0.001, at + 0.35);
    tone.connect(envelope).connect(gain);
    tone.start(at);
    tone.stop(at + 0.4);
  }
  // Loudness is felt by its square.
  gain.gain.value = volume * volume * 0.4;
}

const gestures = ['pointerdown', 'keydown'] as const;

/** Calls back once this page may sound: now, or with the first click or key. */
export function whenAudible(then: () => void): () => void {
  if (navigator.userActivation?.hasBeenActive) {
    then();
    return () => undefined;
  }
  const stop = () => gestures.forEach((gesture) => window.removeEventListener(gesture, once, true));
  const once = () => {
    stop();
    then();
  };
  for (const gesture of gestures) window.addEventListener(gesture, once, true);
  return stop;
}

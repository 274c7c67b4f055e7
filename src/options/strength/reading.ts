import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Assessment } from './assess';
import { type Gauge, startGauge } from './gauge';

/** What the meter has to show: an assessment, or why there is none. */
export type Reading = Assessment | 'empty' | 'measuring' | 'unavailable';

/** How long typing has to rest before it is measured, ms. */
export const REST = 150;

/**
 * The reading of a passphrase as it is typed; until a new one is there the last one stays. Nothing is loaded
 * before the first character, and nothing of the passphrase is kept once the field is empty or gone.
 */
export function useReading(passphrase: string): Reading {
  const reading = useSignal<Reading>('empty');
  const gauge = useRef<Gauge | undefined>(undefined);
  const empty = passphrase === '';

  useEffect(() => {
    reading.value = empty ? 'empty' : 'measuring';
    return () => {
      gauge.current?.stop();
      gauge.current = undefined;
    };
  }, [empty, reading]);

  useEffect(() => {
    if (empty) return;
    const take = (assessment?: Assessment) => {
      // Without an answer the gauge has stopped: what is typed next gets another.
      if (!assessment) gauge.current = undefined;
      reading.value = assessment ?? 'unavailable';
    };
    const rest = setTimeout(() => {
      try {
        gauge.current ??= startGauge(take);
        gauge.current.ask(passphrase);
      } catch {
        take();
      }
    }, REST);
    return () => clearTimeout(rest);
  }, [empty, passphrase, reading]);

  return reading.value;
}

import type { Assessment } from './assess';

/** What goes to the worker, and what comes back. */
export interface Question {
  readonly id: number;
  readonly passphrase: string;
}
export interface Answer {
  readonly id: number;
  readonly assessment: Assessment;
}

export interface Gauge {
  /** Asks for an assessment; only the latest question is answered. */
  ask(passphrase: string): void;
  /** Ends the worker, and with it all that it knew. */
  stop(): void;
}

/** How long an answer may take, the loading of the dictionaries included, ms. */
export const PATIENCE = 15_000;

/**
 * Measures in a worker, since loading the dictionaries and measuring would each stop the typing for a moment.
 * What is asked goes no further than that worker. Undefined is told when the worker does not load, fails or
 * is silent for `PATIENCE`; it is stopped then, and answers no more. Throws if the browser refuses to make one.
 */
export function startGauge(tell: (assessment: Assessment | undefined) => void): Gauge {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  let latest = 0;
  let patience: ReturnType<typeof setTimeout> | undefined;

  const stop = () => {
    clearTimeout(patience);
    worker.terminate();
  };
  const fail = () => {
    stop();
    tell(undefined);
  };
  worker.onerror = fail;
  worker.onmessage = ({ data: { id, assessment } }: MessageEvent<Answer>) => {
    if (id !== latest) return;
    clearTimeout(patience);
    tell(assessment);
  };

  return {
    ask(passphrase) {
      clearTimeout(patience);
      patience = setTimeout(fail, PATIENCE);
      const question: Question = { id: ++latest, passphrase };
      worker.postMessage(question);
    },
    stop,
  };
}

import { assess } from './assess';
import type { Answer, Question } from './gauge';

self.addEventListener('message', ({ data: { id, passphrase } }: MessageEvent<Question>) => {
  const answer: Answer = { id, assessment: assess(passphrase) };
  self.postMessage(answer);
});

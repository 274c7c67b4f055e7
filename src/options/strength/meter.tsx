import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { useReading } from './reading';

/** How long a new sentence has to stand before it is read out, ms: not one for every pause in typing. */
export const UTTER = 1_000;

const OTHERWISE = {
  empty: 'A few unrelated words are strong and easy to remember.',
  measuring: 'Measuring how strong it is…',
  unavailable: 'It could not be measured. A few unrelated words are strong; one word or a name is not.',
};

interface Props {
  /** The id of the sentence, for the field that it describes. */
  readonly id: string;
  readonly passphrase: string;
}

/** How strong a passphrase is, in five steps and in words. Its place is kept while it has nothing to say. */
export function Meter({ id, passphrase }: Props) {
  const reading = useReading(passphrase);
  const assessment = typeof reading === 'string' ? undefined : reading;
  const sentence = typeof reading === 'string' ? OTHERWISE[reading] : reading.sentence;
  const spoken = useSignal('');
  const text = assessment ? `${assessment.word}. ${sentence}` : reading === 'unavailable' ? sentence : '';

  useEffect(() => {
    const timer = setTimeout(() => (spoken.value = text), UTTER);
    return () => clearTimeout(timer);
  }, [text, spoken]);

  return (
    <div class="strength" data-step={assessment?.step}>
      <div class="row">
        {[1, 2, 3, 4, 5].map(step => (
          <i key={step} class={assessment && step <= assessment.step ? 'reached' : ''} />
        ))}
        <strong>{assessment?.word}</strong>
      </div>
      <p class="quiet small" id={id}>
        {sentence}
      </p>
      <p class="unseen" role="status">
        {spoken}
      </p>
    </div>
  );
}

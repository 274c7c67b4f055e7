import { useSignal } from '@preact/signals';

interface Props {
  readonly copy: () => Promise<void>;
  /** Which of several things it copies. */
  readonly which?: string | undefined;
}

/** Says in its own words whether the copying went well. */
export function CopyButton({ copy, which }: Props) {
  const said = useSignal('Copy');
  const click = () =>
    copy().then(
      () => {
        said.value = 'Copied';
      },
      () => {
        said.value = 'The browser did not allow it';
      },
    );
  return (
    <button type="button" aria-description={which} onClick={click} onBlur={() => (said.value = 'Copy')}>
      {said}
    </button>
  );
}

import { useSignal } from '@preact/signals';

/** Says in its own words whether the copying went well. */
export function CopyButton({ copy }: { copy: () => Promise<void> }) {
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
    <button type="button" onClick={click} onBlur={() => (said.value = 'Copy')}>
      {said}
    </button>
  );
}

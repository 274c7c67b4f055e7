import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { type FailureReport, reportOf } from '../failure';
import { Alert } from './alert';

/** Something of a page whose code comes when it is first shown: most times that the page opens, it is not. */
export function later<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  const loaded = signal<ComponentType<Props> | undefined>(undefined);
  const failure = signal<FailureReport | undefined>(undefined);
  const begin = () =>
    load().then(
      component => {
        loaded.value = component;
      },
      thrown => {
        failure.value = reportOf(thrown);
      },
    );
  return function Later(props: Props) {
    useEffect(() => {
      if (!loaded.value) void begin();
    }, []);
    const Loaded = loaded.value;
    if (Loaded) return <Loaded {...props} />;
    return failure.value ? <Alert failure={failure.value} /> : <div class="waiting" aria-busy="true" />;
  };
}

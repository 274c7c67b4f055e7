import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { type Call, type CallState, isOpen } from '../calls/call';
import { operationOf } from '../services/abouts';
import { Alert } from '../ui/alert';
import { Elapsed } from './elapsed';
import { ImageItem } from './image-item';
import { TextItem } from './text-item';

/** The call whose result `Run` emptied: it is not shown again in this popup. */
export const cleared = signal<string | undefined>(undefined);

/** The latest call: where it is, what came of it, what it cost. */
export function Result({ call }: { call: Call | undefined }) {
  const shown = call && call.id !== cleared.value ? call : undefined;
  const section = useRef<HTMLElement>(null);
  const open = shown !== undefined && isOpen(shown.state);
  const was = useRef(open);
  useEffect(() => {
    // Only a result that comes while one looks at the popup is brought into view.
    if (was.current && !open) section.current?.scrollIntoView({ block: 'nearest' });
    was.current = open;
  }, [open]);

  return (
    <section ref={section} class="result stack" aria-label="Result" aria-live="polite" aria-busy={open}>
      {shown ? <Shown call={shown} /> : <p class="quiet placeholder">The result appears here.</p>}
    </section>
  );
}

function Shown({ call }: { call: Call }) {
  const { id, request, state } = call;
  const items = state.phase === 'queued' ? [] : state.items;
  return (
    <>
      {items.map(item =>
        item.kind === 'image' ? (
          <ImageItem key={item.id} call={id} item={item} alt={request.values.prompt ?? ''} />
        ) : (
          <TextItem key={item.id} text={item.text} />
        ),
      )}
      <Standing call={call} state={state} />
    </>
  );
}

function Standing({ call, state }: { call: Call; state: CallState }) {
  switch (state.phase) {
    case 'queued':
    case 'sent':
      return (
        <Elapsed since={call.at} doing={doing(call)} note={state.phase === 'sent' ? state.note : undefined} />
      );
    case 'done':
      return (
        <>
          {state.refused && <Refused refused={state.refused} came={state.items.length} />}
          <p class="quiet small">
            {state.cost === undefined ? 'Cost not told' : dollars(state.cost)} · {seconds(state.tookMs)} ·{' '}
            {call.request.label}
          </p>
        </>
      );
    case 'failed':
    case 'unknown':
      return <Alert failure={state.failure} />;
    case 'cancelled':
      return (
        <p class="notice">
          {state.sent
            ? 'Cancelled. The service had it already, and may finish and charge it all the same.'
            : 'Cancelled before it was sent. Nothing was charged.'}
        </p>
      );
  }
}

type Refusal = NonNullable<Extract<CallState, { phase: 'done' }>['refused']>;

function Refused({ refused: { count, failure }, came }: { refused: Refusal; came: number }) {
  const message = `${count} of ${count + came} did not come: ${failure.message}`;
  return <Alert failure={{ ...failure, message }} />;
}

const doing = ({ request }: Call): string => operationOf(request.service, request.operation).doing;

/** Most calls cost a fraction of a cent. */
const dollars = (cost: number): string =>
  `$${cost === 0 ? '0' : cost >= 0.1 ? cost.toFixed(2) : Number(cost.toPrecision(2))}`;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

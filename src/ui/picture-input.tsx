import { useSignal } from '@preact/signals';
import { useEffect, useId, useRef } from 'preact/hooks';
import { reportOf } from '../failure';
import type { ControlProps } from './field';
import { useFocusAfter } from './focus';
import { isPicture, type Picture, readPicture } from './picture';
import { PicturePreview } from './picture-preview';

interface Props {
  readonly shared: ControlProps;
  readonly value: string;
  readonly onValue: (value: string) => void;
}

/** A picture: a file, a copied or dropped one, its address, or the id under which the service keeps it. */
export function PictureInput({ shared, value, onValue }: Props) {
  const fault = useSignal<string | undefined>(undefined);
  const reading = useSignal(false);
  const over = useSignal(false);
  const from = useSignal<Picture['from']>(undefined);
  const file = useRef<HTMLInputElement>(null);
  const problem = useId();
  const chosen = isPicture(value);
  useFocusAfter(chosen, file);

  const latest = useRef(0);
  const change = (text: string) => {
    latest.current++;
    reading.value = false;
    fault.value = undefined;
    onValue(text);
  };
  const take = async (blob: Blob) => {
    const turn = ++latest.current;
    reading.value = true;
    fault.value = undefined;
    try {
      const picture = await readPicture(blob);
      if (turn !== latest.current) return;
      from.value = picture.from;
      change(picture.uri);
    } catch (thrown) {
      if (turn !== latest.current) return;
      reading.value = false;
      fault.value = reportOf(thrown).message;
    }
  };
  const takeFrom = (data: DataTransfer | null): boolean => {
    const picture = pictureIn(data);
    if (picture) void take(picture);
    return picture !== undefined;
  };
  usePasted(takeFrom);

  const described = [shared['aria-describedby'], fault.value && problem].filter(Boolean).join(' ');
  const both = {
    'aria-invalid': fault.value ? true : shared['aria-invalid'],
    'aria-describedby': described || undefined,
  };
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is one way of several. */}
      <div
        class={`picture${over.value ? ' over' : ''}${chosen ? ' chosen' : ''}`}
        onDragOver={event => {
          event.preventDefault();
          over.value = true;
        }}
        onDragLeave={() => (over.value = false)}
        onDrop={event => {
          event.preventDefault();
          over.value = false;
          const address = event.dataTransfer?.getData('text/uri-list') ?? '';
          if (!takeFrom(event.dataTransfer) && address) change(address);
        }}
      >
        {chosen && <PicturePreview uri={value} from={from.value} />}
        <div class="row">
          {/* Out of sight: what is seen is the button beside it, which is a label too. The name is the field's. */}
          <input
            {...shared}
            {...both}
            ref={file}
            class="unseen"
            type="file"
            accept="image/*"
            aria-labelledby={`${shared.id}-label`}
            required={shared.required && value === ''}
            onChange={({ currentTarget }) => {
              const [picked] = currentTarget.files ?? [];
              if (picked) void take(picked);
              // So that the same file can be chosen again.
              currentTarget.value = '';
            }}
          />
          <label class="button" for={shared.id}>
            {chosen ? 'Choose another' : 'Choose file'}
          </label>
          {reading.value ? (
            <span class="row busy quiet" role="status">
              Reading…
            </span>
          ) : chosen ? (
            <button type="button" onClick={() => change('')}>
              Remove
            </button>
          ) : (
            <span class="quiet">or paste or drop a picture</span>
          )}
        </div>
        {!chosen && (
          <input
            {...both}
            type="text"
            aria-label="Address or id"
            placeholder="or its https address, or a stored id"
            autocomplete="off"
            spellcheck={false}
            value={value}
            onInput={({ currentTarget }) => change(currentTarget.value)}
          />
        )}
      </div>
      {/* One at a time: the form's own fault has come since. */}
      {fault.value && !shared['aria-invalid'] && (
        <span class="fault" id={problem} role="alert">
          {fault.value}
        </span>
      )}
    </>
  );
}

const pictureIn = (data: DataTransfer | null): File | undefined =>
  [...(data?.files ?? [])].find(({ type }) => type.startsWith('image/'));

/** A picture may be pasted wherever the keyboard is, unless it is in a field and the clipboard has text for it. */
function usePasted(take: (data: DataTransfer | null) => boolean): void {
  const latest = useRef(take);
  latest.current = take;
  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      if (event.defaultPrevented) return;
      const typing =
        event.target instanceof Element && event.target.matches('textarea, input:not([type=file])');
      if (typing && event.clipboardData?.getData('text/plain')) return;
      if (latest.current(event.clipboardData)) event.preventDefault();
    };
    document.addEventListener('paste', paste);
    return () => document.removeEventListener('paste', paste);
  }, []);
}

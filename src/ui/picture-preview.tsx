import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { fromBase64 } from '../bytes';
import { type Size, weight } from './picture';

interface Props {
  /** A data URI. */
  readonly uri: string;
  /** How large it was before it was made smaller. */
  readonly from: Size | undefined;
}

/** A chosen picture, small, and how large it is. A page may show it by an address of its own making only. */
export function PicturePreview({ uri, from }: Props) {
  const blob = useMemo(() => blobOf(uri), [uri]);
  const url = useSignal<string | undefined>(undefined);
  const size = useSignal<Size | undefined>(undefined);
  useEffect(() => {
    const made = blob && URL.createObjectURL(blob);
    url.value = made;
    return () => made && URL.revokeObjectURL(made);
  }, [blob, url]);

  if (!blob) return <p class="quiet">This cannot be shown.</p>;
  const { width, height } = size.value ?? {};
  return (
    <div class="preview">
      <div>
        {url.value && (
          <img
            src={url.value}
            alt=""
            onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) => {
              size.value = { width: naturalWidth, height: naturalHeight };
            }}
          />
        )}
      </div>
      <p class="small">
        {blob.type.replace('image/', '').toUpperCase()}
        {width && ` · ${width} × ${height}`} · {weight(blob.size)}
        {from && (
          <span class="quiet">
            made smaller from {from.width} × {from.height}
          </span>
        )}
      </p>
    </div>
  );
}

function blobOf(uri: string): Blob | undefined {
  const [, type, encoded = ''] = uri.match(/^data:([\w/+.-]+);base64,(.*)$/s) ?? [];
  try {
    return type ? new Blob([fromBase64(encoded)], { type }) : undefined;
  } catch {
    return undefined;
  }
}

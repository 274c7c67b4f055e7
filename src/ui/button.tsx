import type { ComponentChildren } from 'preact';

interface Props {
  /** Whether its work is under way. */
  readonly busy: boolean;
  /** Whether it shows so: of several that work the same thing, the first one does. */
  readonly turns?: boolean;
  readonly class?: string;
  readonly type?: 'button' | 'submit';
  /** Whether there is nothing yet to work with. */
  readonly disabled?: boolean;
  /** The element that says what it works on. */
  readonly described?: string;
  readonly onClick?: (event: MouseEvent) => void;
  readonly children: ComponentChildren;
}

/**
 * A button whose work takes a while. Busy, it does nothing when pressed; it is not disabled then, for a
 * disabled button loses the keyboard's focus.
 */
export function Button(props: Props) {
  const { busy, class: look = '', type = 'button', disabled = false, described, onClick, children } = props;
  const { turns = look.startsWith('primary') } = props;
  const press = (event: MouseEvent) => {
    if (busy) event.preventDefault();
    else onClick?.(event);
  };
  return (
    <button
      type={type}
      class={busy && turns ? `${look} busy` : look}
      disabled={disabled}
      aria-disabled={busy ? true : undefined}
      aria-describedby={described}
      onClick={press}
    >
      {children}
    </button>
  );
}

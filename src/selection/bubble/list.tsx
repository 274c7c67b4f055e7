import type { Complaint } from '../extension';

export interface Named {
  readonly id: string;
  readonly name: string;
}

interface Props {
  readonly prompts: readonly Named[];
  readonly open: boolean;
  readonly complaint: Complaint | undefined;
  readonly toggle: (event: Event) => void;
  readonly pick: (prompt: Named) => (event: Event) => void;
  readonly off: (event: Event) => void;
}

/** The bubble's button, and below it the prompts once it is pressed. */
export function List({ prompts, open, complaint, toggle, pick, off }: Props) {
  return (
    <>
      <button type="button" aria-haspopup="menu" aria-expanded={open} onClick={toggle}>
        Runkey
      </button>
      {open && (
        <div role="menu" aria-label="Prompts">
          {prompts.map(prompt => (
            <button
              key={prompt.id}
              type="button"
              role="menuitem"
              tabIndex={-1}
              dir="auto"
              onClick={pick(prompt)}
            >
              {prompt.name}
            </button>
          ))}
          <button type="button" role="menuitem" tabIndex={-1} class="off" onClick={off}>
            Not on this site
          </button>
        </div>
      )}
      {complaint && (
        <p class="complaint" role="alert">
          {complaint.message} {complaint.next}
        </p>
      )}
    </>
  );
}

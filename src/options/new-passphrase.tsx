import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';
import type { Faults } from '../services/fields';
import { Meter } from './strength/meter';

/** Characters of the NFC form: the vault's own floor, said here before it is asked. */
const SHORTEST = 8;
/** UTF-16 units, as the door counts. */
const LONGEST = 1024;

export interface Labels {
  readonly passphrase: string;
  readonly repeat: string;
}

interface NewPassphrase {
  readonly fields: JSX.Element;
  /**
   * The passphrase in NFC once it is sound, repeated, and another than the present one, where that was typed;
   * otherwise undefined, and the faults are shown.
   */
  read(present?: string): string | undefined;
}

/**
 * The two fields for a passphrase that is being chosen, their checks, and how strong it is.
 * Weak ones are advised against; only those that are too short are refused.
 */
export function useNewPassphrase(
  labels: Labels = { passphrase: 'Passphrase', repeat: 'Repeat passphrase' },
): NewPassphrase {
  const passphrase = useSignal('');
  const repeat = useSignal('');
  const asked = useSignal(false);
  const present = useSignal<string | undefined>(undefined);
  const meter = useId();
  const check = () => faultsIn(passphrase.value, repeat.value, labels, present.value);
  // Once shown, a fault goes as soon as it is mended.
  const faults = asked.value ? check() : {};

  return {
    fields: (
      <>
        <PassphraseInput
          name="passphrase"
          label={labels.passphrase}
          value={passphrase.value}
          hint={`At least ${SHORTEST} characters, and one that you use nowhere else.`}
          fault={faults.passphrase}
          describedBy={meter}
          onValue={value => (passphrase.value = value)}
        >
          <Meter id={meter} passphrase={passphrase.value} />
        </PassphraseInput>
        <PassphraseInput
          name="repeat"
          label={labels.repeat}
          value={repeat.value}
          fault={faults.repeat}
          onValue={value => (repeat.value = value)}
        />
      </>
    ),
    read(typed) {
      asked.value = true;
      present.value = typed;
      return Object.keys(check()).length === 0 ? passphrase.value.normalize('NFC') : undefined;
    },
  };
}

/** Every fault of the two fields, by name. Exported for its test. */
export function faultsIn(passphrase: string, repeat: string, labels: Labels, present?: string): Faults {
  const faults: Faults = {};
  const chosen = passphrase.normalize('NFC');
  if (chosen === '') faults.passphrase = `${labels.passphrase} is empty.`;
  else if ([...chosen].length < SHORTEST)
    faults.passphrase = `${labels.passphrase} needs at least ${SHORTEST} characters.`;
  else if (chosen.length > LONGEST)
    faults.passphrase = `${labels.passphrase} can have at most ${LONGEST} characters.`;
  else if (chosen === present?.normalize('NFC'))
    faults.passphrase = 'That is the present passphrase. Choose another one.';
  if (repeat === '') faults.repeat = `${labels.repeat} is empty.`;
  else if (repeat.normalize('NFC') !== chosen) faults.repeat = 'The two passphrases differ.';
  return faults;
}

interface InputProps {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly hint?: string;
  readonly fault: string | undefined;
  /** The id of what stands below and describes it. */
  readonly describedBy?: string;
  readonly onValue: (value: string) => void;
  readonly children?: ComponentChildren;
}

function PassphraseInput(props: InputProps) {
  const { name, label, value, hint, fault, describedBy, onValue, children } = props;
  const id = useId();
  const described = [hint && `${id}-hint`, fault && `${id}-fault`, describedBy].filter(Boolean).join(' ');
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        name={name}
        type="password"
        value={value}
        required
        autocomplete="off"
        spellcheck={false}
        aria-invalid={fault ? true : undefined}
        aria-describedby={described || undefined}
        onInput={event => onValue(event.currentTarget.value)}
      />
      {hint && (
        <span class="hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      {fault && (
        <span class="fault" id={`${id}-fault`}>
          {fault}
        </span>
      )}
      {children}
    </div>
  );
}

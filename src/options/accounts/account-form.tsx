import { useSignal } from '@preact/signals';
import { useId, useRef } from 'preact/hooks';
import type { Field } from '../../services/about';
import { type Account, type AccountPutIn, EMAIL } from '../../services/accounts';
import { check, type Faults, initialValues, type Values } from '../../services/fields';
import { Alert } from '../../ui/alert';
import { Button } from '../../ui/button';
import { FieldInput } from '../../ui/field';
import { useFocusFirst } from '../../ui/focus';
import { usePending } from '../../ui/pending';
import { act } from '../../ui/state';
import { useUnsaved } from '../unsaved';

const email: Field = {
  name: 'email',
  label: 'Email',
  kind: 'text',
  most: 254,
  pattern: { shape: EMAIL, otherwise: 'Email must be an e-mail address.' },
};

const password: Field = {
  name: 'password',
  label: 'Password',
  kind: 'secret',
  most: 1000,
  hint: 'Goes to the service, which signs in with it. Runkey does not keep it unless you say so below.',
};

const keptPassword: Field = {
  ...password,
  optional: true,
  hint: 'Leave it empty to use the one that is kept.',
};

const stalePassword: Field = {
  ...password,
  hint: 'The key was replaced since it was kept: type it once more.',
};

/** What is asked of an account's password: none may be kept, or one that can be used, or one that no longer can. */
const passwordOf = ({ kept, stale }: Pick<Account, 'kept' | 'stale'> = {}): Field =>
  stale ? stalePassword : kept ? keptPassword : password;

const others: readonly Field[] = [
  {
    name: 'maxJobs',
    label: 'Max jobs',
    kind: 'number',
    initial: '5',
    least: 1,
    most: 10,
    hint: 'How many it may run at once. Too many, and Runway may hold the account back: 5 is suggested.',
  },
  {
    name: 'workspace',
    label: 'Workspace',
    kind: 'choice',
    optional: true,
    initial: '',
    choices: [
      { value: '', label: 'Its own' },
      { value: 'paid', label: 'The one with a paid plan' },
      { value: 'id', label: 'One of this id' },
    ],
  },
];

const workspaceId: Field = {
  name: 'workspaceId',
  label: 'Workspace id',
  kind: 'text',
  most: 100,
  pattern: { shape: /^[\w-]+$/, otherwise: 'Workspace id must be an id: letters, digits and hyphens.' },
};

interface Props {
  /** The key's id. */
  readonly id: string;
  /** The account that is put in anew; absent: a new one. */
  readonly account?: Account;
  /** Says in one sentence what was done; empty when nothing was. */
  readonly onDone: (sentence: string) => void;
}

/** Puts an account in, or in anew. */
export function AccountForm({ id, account, onDone }: Props) {
  const all = [...(account ? [] : [email]), passwordOf(account), ...others];
  const values = useSignal<Values>({
    ...initialValues(all),
    ...(account?.maxJobs !== undefined && { maxJobs: String(account.maxJobs) }),
    ...(account?.workspace?.id && { workspace: 'id', workspaceId: account.workspace.id }),
  });
  const keep = useSignal(account?.kept === true);
  const why = useId();
  const faults = useSignal<Faults>({});
  const { busy, failure, run } = usePending();
  const form = useRef<HTMLFormElement>(null);
  useFocusFirst(form);
  useUnsaved(form);
  const fields = values.value.workspace === 'id' ? [...all, workspaceId] : all;

  const submit = (event: Event) => {
    event.preventDefault();
    const checked = check(fields, values.value);
    faults.value = checked.faults;
    if (Object.keys(checked.faults).length > 0) return;
    // Of a password every space counts.
    const { password: typed = '' } = values.value;
    const wanted = accountIn({
      ...checked.values,
      ...(checked.values.password && { password: typed }),
      ...(account && { email: account.email }),
    });
    run(async () => {
      await act('accounts.put', { key: id, account: wanted, ...(keep.value && { keep: true as const }) });
      onDone(`${wanted.email} was put in.`);
    });
  };
  const wrong = failure.value?.field;

  return (
    <form
      class="card stack"
      ref={form}
      noValidate
      aria-label={account ? `Put in anew: ${account.email}` : 'Add account'}
      onSubmit={submit}
    >
      {account && (
        <strong>
          <bdi>{account.email}</bdi>
        </strong>
      )}
      {fields.map(field => (
        <FieldInput
          key={field.name}
          field={field}
          value={values.value[field.name] ?? ''}
          fault={faults.value[field.name] ?? (wrong === field.name ? failure.value?.message : undefined)}
          onValue={text => {
            const { [field.name]: _, ...left } = faults.value;
            faults.value = left;
            values.value = { ...values.value, [field.name]: text };
          }}
        />
      ))}
      <div class="stack tight">
        <label class="row check">
          <input
            type="checkbox"
            checked={keep.value}
            aria-describedby={why}
            onChange={event => (keep.value = event.currentTarget.checked)}
          />
          Keep it in the vault
        </label>
        <span class="quiet small" id={why}>
          To put the account in again without typing when its session ends. It is in backups, too.
        </span>
      </div>
      <div class="row">
        <Button type="submit" class="primary" busy={busy.value}>
          Save account
        </Button>
        <button type="button" onClick={() => onDone('')}>
          Cancel
        </button>
        <span class="quiet small" role="status">
          {busy.value && 'The service is signing in…'}
        </span>
      </div>
      {failure.value && <Alert failure={failure.value} />}
    </form>
  );
}

function accountIn({
  email: given = '',
  password,
  maxJobs,
  workspace,
  workspaceId: ofId,
}: Values): AccountPutIn {
  const useWorkspace = workspace === 'paid' ? true : workspace === 'id' ? ofId : undefined;
  return {
    email: given,
    ...(password !== undefined && { password }),
    maxJobs: Number(maxJobs),
    ...(useWorkspace !== undefined && { useWorkspace }),
  };
}

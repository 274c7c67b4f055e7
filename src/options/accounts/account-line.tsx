import { useSignal } from '@preact/signals';
import type { Account } from '../../services/accounts';
import { moment } from '../../ui/dates';
import { act } from '../../ui/state';
import { Sure } from '../sure';

interface Props {
  /** The key's id. */
  readonly id: string;
  readonly account: Account;
  readonly onChange: () => void;
  readonly onRemoved: (sentence: string) => void;
}

/** An account, as the service tells of it; its words are shown as text. */
export function AccountLine({ id, account, onChange, onRemoved }: Props) {
  const { email, maxJobs, session, workspace, error, kept, gone } = account;
  const removing = useSignal(false);
  const facts = [
    maxJobs !== undefined && `${maxJobs === 1 ? '1 job' : `${maxJobs} jobs`} at once`,
    session && sessionSaid(session.until),
    gone && 'the service does not have it',
    workspace && [workspace.name ?? workspace.id, workspace.plan].filter(Boolean).join(', '),
    kept && 'password kept',
  ];
  return (
    <div class="stack tight">
      <div class="row spread">
        <strong>
          <bdi>{email}</bdi>
        </strong>
        <span class="row">
          <button type="button" aria-label={`Put in anew: ${email}`} onClick={onChange}>
            Put in anew
          </button>
          <button
            type="button"
            class="danger"
            aria-label={`Remove ${email}`}
            aria-expanded={removing.value}
            onClick={() => (removing.value = !removing.value)}
          >
            Remove
          </button>
        </span>
      </div>
      <p class="quiet small">{facts.filter(Boolean).join(' · ')}</p>
      {error && (
        <p class="low small">
          It runs nothing until it is put in anew: <bdi>{error}</bdi>
        </p>
      )}
      {removing.value && (
        <Sure
          yes="Yes, remove"
          no="Keep"
          onYes={async () => {
            await act('accounts.remove', { key: id, email });
            onRemoved(`${email} was removed.`);
          }}
          onNo={() => (removing.value = false)}
        >
          Remove <bdi>{email}</bdi>? What it runs can no longer be asked after. The account itself stays.
          {kept && ' Its password is forgotten here.'}
        </Sure>
      )}
    </div>
  );
}

const sessionSaid = (until: number): string =>
  until > Date.now() ? `session until ${moment(until)}` : `session ended ${moment(until)}`;

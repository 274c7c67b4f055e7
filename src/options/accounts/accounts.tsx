import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { type FailureReport, reportOf } from '../../failure';
import type { About } from '../../services/about';
import type { Account } from '../../services/accounts';
import { useFocusAfter } from '../../ui/focus';
import { LookAgain } from '../../ui/look-again';
import { act } from '../../ui/state';
import { leave } from '../unsaved';
import { AccountForm } from './account-form';
import { AccountLine } from './account-line';

interface Props {
  /** The key's id. */
  readonly id: string;
  readonly service: About;
}

/** The accounts behind a key: the list as the service has it, and a form for one at a time. */
export function Accounts({ id, service }: Props) {
  const list = useSignal<readonly Account[] | undefined>(undefined);
  const failure = useSignal<FailureReport | undefined>(undefined);
  const said = useSignal('');
  /** The e-mail of the account whose form is open; empty: that of a new one. */
  const open = useSignal<string | undefined>(undefined);
  const section = useRef<HTMLElement>(null);
  const add = useRef<HTMLButtonElement>(null);
  useFocusAfter(open.value !== undefined, add);

  const latest = useRef(0);
  const look = async () => {
    const turn = ++latest.current;
    failure.value = undefined;
    try {
      const { accounts } = await act('accounts.list', { key: id });
      if (turn === latest.current) list.value = accounts;
    } catch (thrown) {
      if (turn === latest.current) failure.value = reportOf(thrown);
    }
  };
  useEffect(() => {
    void look();
    return () => {
      latest.current++;
    };
  }, [id]);
  /** `of`: the form that is done; another may have been opened meanwhile. */
  const done = (sentence: string, of: string | undefined = open.value) => {
    if (open.value === of) open.value = undefined;
    said.value = sentence;
    if (sentence) void look();
  };

  const turn = (to: string) =>
    leave(section.current, {
      go() {
        said.value = '';
        open.value = to;
      },
    });

  if (!service.accounts) return null;
  const { label, about } = service.accounts;
  const known = list.value;
  return (
    <section ref={section} class="stack" aria-label={label}>
      <p class="quiet small">{about}</p>
      {failure.value && <LookAgain failure={failure.value} onLook={() => void look()} />}
      {!known && !failure.value && <p class="quiet">Looking…</p>}
      {known?.length === 0 && <p class="quiet">There is none yet: calls need one.</p>}
      {known && known.length > 0 && (
        <ul class="accounts">
          {known.map(account => (
            <li key={account.email}>
              {open.value === account.email ? (
                <AccountForm id={id} account={account} onDone={said => done(said, account.email)} />
              ) : (
                <AccountLine
                  id={id}
                  account={account}
                  onChange={() => turn(account.email)}
                  onRemoved={done}
                />
              )}
            </li>
          ))}
        </ul>
      )}
      <p class="quiet small" role="status">
        {said.value}
      </p>
      {open.value === '' ? (
        <AccountForm id={id} onDone={said => done(said, '')} />
      ) : (
        <div class="row">
          <button type="button" ref={add} onClick={() => turn('')}>
            Add account
          </button>
        </div>
      )}
    </section>
  );
}

/** What a run of chaos comes to, by the service's ledger and by Runkey's own books. */

/** A call that was to be made. */
export interface Wanted {
  readonly word: string;
  readonly account: string;
  /** Of every item of its answer. */
  readonly digests: readonly string[];
  /** What was done to it leaves no way to find its answer. */
  readonly unfindable?: boolean;
}

/** A call that Runkey said it had begun. */
export interface Begun {
  readonly word: string;
  readonly id: string;
}

/** A line of the ledger. */
export interface Billed {
  readonly taskUUID: string;
  readonly account: string;
  /** Whose it is; undefined: nobody asked for this. */
  readonly word: string | undefined;
}

/** A call as it stands in Runkey. */
export interface Found {
  readonly id: string;
  /** The word in its prompt, where it has one. */
  readonly word: string | undefined;
  readonly account: string;
  readonly phase: string;
  readonly digests: readonly string[];
  /** The sentence with which it ended, where it did not end well. */
  readonly says?: string;
}

export interface Finding {
  readonly id: string;
  readonly word: string;
  readonly why: string;
}

export interface Verdict {
  /** Billed, and its whole answer is not there; or begun, and not to be found, or never ended. */
  readonly lost: readonly Finding[];
  /** Billed more than once. */
  readonly twice: readonly Finding[];
  /** It has what is another's, or what nobody gave, or another's account paid. */
  readonly wrong: readonly Finding[];
  /** Ended with "outcome unknown" although nothing was billed: no loss, but no good answer either. */
  readonly unclear: readonly Finding[];
  /** Calls that ended with their whole answer. */
  readonly done: number;
  /** Calls that ended otherwise, and were not billed. */
  readonly unbilled: readonly Finding[];
  /** Calls of which Runkey knows nothing: their start was never acknowledged. */
  readonly neverBegun: number;
}

export interface Evidence {
  readonly wanted: readonly Wanted[];
  readonly begun: readonly Begun[];
  readonly billed: readonly Billed[];
  readonly found: readonly Found[];
}

const OPEN = ['queued', 'sent'];

export function verdictOn({ wanted, begun, billed, found }: Evidence): Verdict {
  const words = new Map<string, string>();
  for (const { taskUUID, word } of billed) if (word) words.set(taskUUID, word);
  for (const { id, word } of found) if (word) words.set(id, word);
  for (const { id, word } of begun) words.set(id, word);
  const known = new Set(words.values());
  const calls = new Map(found.map(call => [call.id, call]));
  const owners = new Map(wanted.flatMap(({ digests, word }) => digests.map(digest => [digest, word])));
  const wishes = new Map(wanted.map(wish => [wish.word, wish]));
  const bills = grouped(billed, ({ taskUUID }) => taskUUID);
  const lost: Finding[] = [];
  const wrong: Finding[] = [];
  const unclear: Finding[] = [];
  const unbilled: Finding[] = [];
  let done = 0;

  for (const id of new Set([...bills.keys(), ...calls.keys(), ...begun.map(call => call.id)])) {
    const word = words.get(id) ?? `call ${id}`;
    const wish = wishes.get(word);
    const call = calls.get(id);
    const paid = bills.get(id);
    if (!wish) {
      // A call without a prompt, of whose start nobody heard, may well be in the books; but not in the ledger.
      if (paid) wrong.push({ id, word, why: 'billed, and nobody asked for it' });
      else if (call && OPEN.includes(call.phase)) lost.push({ id, word, why: `never ended: ${call.phase}` });
      else unbilled.push({ id, word, why: ending(call) });
      continue;
    }
    for (const line of paid ?? []) {
      if (line.account !== wish.account)
        wrong.push({ id, word, why: `${line.account} paid for ${wish.account}` });
      if (line.word !== word) wrong.push({ id, word, why: `sent what is ${line.word ?? 'nobody'}’s` });
    }
    if (!call) {
      lost.push({ id, word, why: paid ? 'billed, and Runkey knows nothing of it' : 'begun, and gone' });
      continue;
    }
    if (call.word !== undefined && call.word !== word)
      wrong.push({ id, word, why: `has the prompt of ${call.word}` });
    if (call.account !== wish.account) wrong.push({ id, word, why: `listed under ${call.account}` });
    const foreign = call.digests.filter(digest => !wish.digests.includes(digest));
    for (const digest of foreign) {
      const owner = owners.get(digest);
      wrong.push({ id, word, why: owner ? `has what is ${owner}’s` : 'has what nobody gave' });
    }
    if (foreign.length > 0) continue;
    const why = shortfall(call, wish);
    if (!why) {
      done++;
      if (!paid) wrong.push({ id, word, why: 'has an answer that was never billed' });
    } else if (OPEN.includes(call.phase)) lost.push({ id, word, why: `never ended: ${call.phase}` });
    else if (!paid) {
      unbilled.push({ id, word, why: ending(call) });
      if (call.phase === 'done') lost.push({ id, word, why });
      if (call.phase === 'unknown') unclear.push({ id, word, why });
    } else if (!(wish.unfindable && call.phase === 'unknown' && call.says)) lost.push({ id, word, why });
  }

  return {
    lost,
    twice: billedTwice(billed),
    wrong,
    unclear,
    done,
    unbilled,
    neverBegun: wanted.filter(({ word }) => !known.has(word)).length,
  };
}

/** What is missing of a call's answer; undefined: nothing. */
function shortfall(call: Found, wish: Wanted): string | undefined {
  const [has, wants] = [call.digests, wish.digests].map(list => list.toSorted().join());
  if (call.phase === 'done' && has === wants) return undefined;
  return `${call.digests.length} of ${wish.digests.length} items, ${ending(call)}`;
}

const ending = (call: Found | undefined): string =>
  call?.says ? `${call.phase}: ${call.says}` : (call?.phase ?? 'gone');

function billedTwice(billed: readonly Billed[]): Finding[] {
  const byWord = grouped(billed, ({ taskUUID, word }) => word ?? taskUUID);
  return [...byWord].flatMap(([word, lines]) => {
    if (lines.length < 2) return [];
    const ids = new Set(lines.map(({ taskUUID }) => taskUUID)).size;
    return [
      {
        id: lines[0]?.taskUUID ?? '',
        word,
        why: `billed ${lines.length} times under ${ids === 1 ? 'one id' : `${ids} ids`}`,
      },
    ];
  });
}

function grouped<T>(list: readonly T[], name: (entry: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const entry of list) groups.set(name(entry), [...(groups.get(name(entry)) ?? []), entry]);
  return groups;
}

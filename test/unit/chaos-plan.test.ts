import { describe, expect, it } from 'vitest';
import { operationOf } from '../../src/services/abouts';
import { check } from '../../src/services/fields';
import { digestsOf, ownersOf, valuesOf } from '../chaos/expected';
import { OPERATIONS, planOf, WORD } from '../chaos/plan';

describe('a plan of chaos', () => {
  it('comes the same again from the same seed, and another from another', () => {
    expect(planOf(7, 60)).toEqual(planOf(7, 60));
    expect(planOf(7, 60)).not.toEqual(planOf(8, 60));
  });

  it('has every operation, both accounts, and a word of its own for each call', () => {
    const { calls } = planOf(1, 60);
    expect(new Set(calls.map(({ operation }) => operation))).toEqual(new Set(OPERATIONS));
    expect(new Set(calls.map(({ account }) => account)).size).toBe(2);
    expect(new Set(calls.map(({ word }) => word)).size).toBe(60);
    for (const { word } of calls) expect(word).toMatch(WORD);
  });

  it('has every kind of happening, the long one an end of the browser more', () => {
    const kinds = (count: number) => planOf(1, count).happenings.map(({ what }) => what);
    const all = ['kill', 'crash', 'restart', 'lock', 'drop', 'freeze', 'refuse', 'fault'];
    expect(new Set(kinds(60))).toEqual(new Set([...all, 'switches']));
    const restarts = (count: number) => kinds(count).filter(what => what === 'restart').length;
    expect([restarts(60), restarts(500)]).toEqual([1, 2]);
  });

  it('leaves a way to every answer', () => {
    for (let seed = 0; seed < 200; seed++) {
      const { calls, happenings } = planOf(seed, 60);
      for (const happening of happenings) {
        if (happening.what !== 'switches') continue;
        expect(happening.to.taskDetails).not.toBe('missing');
        expect(happening.to.rememberMs).toBeUndefined();
        // Stopped in the middle, a task would be billed in part, and again when it is sent again.
        expect(happening.to.gapMs).toBeUndefined();
      }
      for (const { kind } of calls.flatMap(({ faults }) => faults)) expect(kind).not.toBe('silence');
    }
  });

  it('keeps what takes minutes to find for a long run, and for its first half', () => {
    const { calls, lasts } = planOf(4, 500);
    const slow = calls.filter(({ faults }) => faults.some(({ kind }) => kind === 'silence'));
    expect(slow.length).toBeGreaterThan(0);
    for (const { at } of slow) expect(at).toBeLessThanOrEqual(lasts / 2);
  });

  it('cancels some calls of a long run, and none of a short one', () => {
    const cancels = (count: number) =>
      planOf(4, count).calls.filter(({ cancelled }) => cancelled !== undefined);
    expect(cancels(60)).toEqual([]);
    expect(cancels(500).length).toBeGreaterThan(20);
  });

  it('asks only for what the forms of Runkey take', () => {
    for (const call of planOf(3, 100).calls) {
      const { fields } = operationOf('runware', call.operation);
      expect(check(fields, valuesOf(call)).faults).toEqual({});
    }
  });

  it('knows each call’s answer, which is nobody else’s', () => {
    const { calls } = planOf(5, 60);
    const digests = calls.map(digestsOf);
    for (const [at, call] of calls.entries())
      expect(digests[at]).toHaveLength(Number(call.values.count ?? 1));
    const owned = digests.map(list => new Set(list));
    const all = owned.flatMap(list => [...list]);
    expect(new Set(all).size).toBe(all.length);
  });

  it('knows whose a task is, by its prompt or its picture', () => {
    const { calls } = planOf(9, 40);
    const ownerOf = ownersOf(calls);
    for (const call of calls) {
      const { prompt, picture } = valuesOf(call);
      if (prompt) expect(ownerOf({ messages: [{ role: 'user', content: prompt }] })).toBe(call.word);
      else expect(ownerOf({ inputs: { image: picture } })).toBe(call.word);
    }
    expect(ownerOf({ positivePrompt: 'a lighthouse', inputs: { image: 'data:image/png;base64,AAAA' } })).toBe(
      undefined,
    );
  });
});

import { describe, expect, it } from 'vitest';
import { inLines, parsed } from '../../src/services/json';
import { json } from '../../src/services/runai/read';
import { outputIn } from '../../src/services/runtype/output';

const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;

describe('what a text of JSON says', () => {
  it.each(['', '{', 'undefined', "{'a':1}"])('is nothing where it is none: %s', text => {
    expect(parsed(text)).toBeUndefined();
  });
});

describe('an answer in lines', () => {
  it('is a text as it is, and anything else as JSON', () => {
    expect(inLines('{"a":1}')).toBe('{"a":1}');
    for (const value of [null, false, 7, [], {}, { a: [1, { b: null }] }])
      expect(inLines(value)).toBe(JSON.stringify(value, null, 2));
  });

  it('has as many levels as any that is meant to be read', () => {
    expect(parsed(inLines(parsed(nested(200))))).toEqual(parsed(nested(200)));
  });

  // With their margins, 5,000 levels would be 50 MB; 200,000 are more than can be walked.
  it.each([201, 5_000, 200_000])('stays as it came where it has %i levels', levels => {
    const body = nested(levels);
    expect(inLines(parsed(body), body)).toBe(body);
    expect(inLines(parsed(body))).toBe('This answer is nested too deeply to be shown.');
    expect(outputIn(body)).toBe(body);
    expect(outputIn(`{"executionId":"exec_1","result":${body}}`)).toContain(body);
    expect(json(body, {}).item).toMatchObject({ type: 'text', text: body });
  });
});

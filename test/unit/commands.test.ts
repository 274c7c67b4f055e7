import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const node = (...args: string[]) => spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });

it('an unknown command is told what there is', () => {
  const { status, stderr } = node('test/main.mjs', 'tset');
  expect(status).toBe(2);
  expect(stderr).toContain('start   a guided tour');
});

it('an unknown bench is told which there are, before anything is built', () => {
  const { status, stderr } = node('test/main.mjs', 'bench', 'call');
  expect(status).toBe(1);
  expect(stderr).toBe(
    '\nnpm bench: bench failed: “call” is none. Choose among calls, history, pages, vault.\n',
  );
});

it.each([['--help'], ['--calls', '-3'], ['--calls', 'many'], ['--seed', '1.5']])(
  'chaos says what it takes when asked for %s %s',
  (...args) => {
    const { status, stdout, stderr } = node('--import', 'tsx', 'test/chaos/main.ts', ...args);
    expect({ status, stderr }).toEqual({ status: 2, stderr: '' });
    expect(stdout).toBe('Chaos takes --seed N and --calls N, both whole numbers.\n');
  },
);

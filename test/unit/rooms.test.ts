import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { describe, expect, it } from 'vitest';

const src = join(import.meta.dirname, '../../src');

interface Import {
  /** Such as `vault/vault`, or a package’s name. */
  readonly of: string;
  readonly typeOnly: boolean;
}

interface File {
  /** Such as `vault/vault.ts`. */
  readonly name: string;
  readonly room: string;
  /** Without its comments. */
  readonly code: string;
  readonly imports: readonly Import[];
}

const files: File[] = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map(name => name.replaceAll('\\', '/'))
  .filter(name => /\.tsx?$/.test(name) && !name.endsWith('.d.ts'))
  .map(name => {
    const code = withoutComments(readFileSync(join(src, name), 'utf8'));
    return {
      name,
      room: name.includes('/') ? name.slice(0, name.indexOf('/')) : '',
      code,
      imports: importsOf(name, code),
    };
  });

/** Good enough for our own code, in which no text holds the beginning of a comment but in an address. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`\\/])\/\/.*$/gm, '$1');
}

function importsOf(name: string, code: string): Import[] {
  const resolve = (from: string) => (from.startsWith('.') ? join(dirname(name), from) : from);
  const statements = code.matchAll(/^(?:import|export)\b(\s+type\b)?[^;'=]*\bfrom\s+'([^']+)'/gm);
  const others = code.matchAll(/^import\s+'([^']+)'|\bimport\(\s*'([^']+)'/gm);
  return [
    ...[...statements].map(([, type, from = '']) => ({ of: resolve(from), typeOnly: type !== undefined })),
    ...[...others].map(([, plain, late]) => ({ of: resolve(plain ?? late ?? ''), typeOnly: false })),
  ];
}

/** Every import at run time that `forbidden` says of, as “who → what”. */
const atRunTime = (from: (file: File) => boolean, forbidden: (of: string) => boolean): string[] =>
  files
    .filter(from)
    .flatMap(({ name, imports }) =>
      imports.filter(({ typeOnly, of }) => !typeOnly && forbidden(of)).map(({ of }) => `${name} → ${of}`),
    );

const anyImport = (from: (file: File) => boolean, forbidden: (of: string) => boolean): string[] =>
  files
    .filter(from)
    .flatMap(({ name, imports }) =>
      imports.filter(({ of }) => forbidden(of)).map(({ of }) => `${name} → ${of}`),
    );

const mentions = (pattern: RegExp): string[] =>
  files.filter(({ code }) => pattern.test(code)).map(({ name }) => name);
const within =
  (...rooms: string[]) =>
  (of: string) =>
    rooms.some(room => of.startsWith(`${room}/`));
/** What of the calls is for everyone. */
const CALLS = ['call', 'settings', 'prompt', 'shipped-prompts', 'sites', 'words', 'dollars'].map(
  name => `calls/${name}`,
);
const isPage = ({ room }: File) => ['popup', 'options', 'ui', 'selection'].includes(room);

describe('the reading of imports', () => {
  it('finds what is there', () => {
    const door = files.find(({ name }) => name === 'messages/door.ts');
    expect(door?.imports).toEqual(
      expect.arrayContaining([
        { of: 'valibot', typeOnly: false },
        { of: 'webextension-polyfill', typeOnly: false },
        { of: 'failure', typeOnly: false },
        { of: 'messages/contract', typeOnly: false },
        { of: 'messages/card', typeOnly: false },
        { of: 'messages/sender', typeOnly: false },
      ]),
    );
    expect(door?.imports).toHaveLength(6);
    const contract = files.find(({ name }) => name === 'messages/contract.ts');
    expect(contract?.imports).toContainEqual({ of: 'vault/vault', typeOnly: true });
    expect(files.length).toBeGreaterThan(40);
    expect(
      files.every(({ imports, code }) => imports.length >= (code.match(/^import\b/gm)?.length ?? 0)),
    ).toBe(true);
  });
});

describe('the network', () => {
  it('is named by services/egress.ts alone', () => {
    const pattern =
      /\bfetch\s*\(|\bnew\s+(WebSocket|EventSource|XMLHttpRequest|WebTransport|RTCPeerConnection)\b|\bsendBeacon\b/;
    expect(mentions(pattern)).toEqual(['services/egress.ts']);
  });

  it('is reached by services alone', () => {
    expect(
      anyImport(
        ({ room }) => room !== 'services',
        of => of === 'services/egress',
      ),
    ).toEqual([]);
  });
});

describe('a sender', () => {
  it('is looked at by messages/sender.ts alone', () => {
    const pattern =
      /\bsender\s*\??\.\s*(id|origin|url|tab|frameId|documentId|documentLifecycle)\b|\b(origin|frameId|documentId)\b[^;=]*\}\s*=\s*(port\.)?sender\b/;
    expect(mentions(pattern)).toEqual(['messages/sender.ts']);
  });

  it('comes in through the door alone', () => {
    expect(
      mentions(/\bonMessage\s*\.\s*addListener|\bonConnect\s*\.\s*addListener/).filter(
        // What watches a port of its own hears the background alone.
        name => !['messages/client.ts', 'selection/line.ts'].includes(name),
      ),
    ).toEqual(['messages/door.ts']);
    expect(mentions(/\bonMessageExternal\b|\bonConnectExternal\b|\bonUserScriptMessage\b/)).toEqual([]);
  });
});

describe('storage', () => {
  it('that content scripts could read is handed to the vault’s marker, and used by nobody else', () => {
    const named = /\bstorage\s*\.\s*(local|sync)\b|\blocalStorage\b|\bsessionStorage\b/;
    const taken = /\{[^{}]*\b(local|sync)\b[^{}]*\}\s*=\s*[\w.]*\bstorage\b/;
    expect(mentions(named)).toEqual([]);
    expect(mentions(taken)).toEqual(['background/index.ts']);
    expect(mentions(/\bthis\s*\.\s*local\b/)).toEqual(['vault/marker.ts']);
  });

  it('of the session stays closed to content scripts', () => {
    expect(mentions(/\bsetAccessLevel\b/)).toEqual([]);
  });
});

describe('pages', () => {
  it('take of the services only what they say of themselves', () => {
    const allowed = (of: string) =>
      /^services\/(about|abouts|fields|accounts)$|^services\/\w+\/about$/.test(of);
    expect(atRunTime(isPage, of => within('services')(of) && !allowed(of))).toEqual([]);
  });

  it('take nothing of the vault, the store or the background', () => {
    expect(atRunTime(isPage, within('vault', 'store', 'background'))).toEqual([]);
  });

  it('take of the calls only what a call is, and what is set for calls', () => {
    expect(atRunTime(isPage, of => within('calls')(of) && !CALLS.includes(of))).toEqual([]);
  });

  it('ask, and do not answer', () => {
    expect(atRunTime(isPage, of => of === 'messages/door' || of === 'messages/sender')).toEqual([]);
  });

  it('do not take from each other', () => {
    expect(anyImport(({ room }) => room === 'popup', within('options', 'selection'))).toEqual([]);
    expect(anyImport(({ room }) => room === 'options', within('popup', 'selection'))).toEqual([]);
    expect(anyImport(({ room }) => room === 'ui', within('popup', 'options', 'selection'))).toEqual([]);
  });

  it('write no markup from text', () => {
    expect(
      mentions(
        /\b(innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|srcdoc)\b|\bdocument\.write\b/,
      ),
    ).toEqual([]);
  });
});

/** Files that say what the things of their room look like, and do nothing. */
const SHAPES = [
  'vault/key-index',
  'vault/locking',
  'vault/proof',
  'calls/settings',
  'calls/prompt',
  'services/accounts',
];

describe('the shapes of a room’s things', () => {
  it('take no code of the room with them', () => {
    expect(
      atRunTime(
        ({ name }) => SHAPES.includes(name.replace(/\.ts$/, '')),
        of => !['valibot', 'bytes'].includes(of),
      ),
    ).toEqual([]);
  });
});

describe('what a page is given to import', () => {
  // Whatever these take at run time, every page takes with them.
  const shared = [
    'services/about',
    'services/abouts',
    'services/fields',
    ...CALLS,
    'failure',
    'bytes',
    'messages/client',
    'messages/contract',
  ];

  it('does not bring the background’s code with it', () => {
    const reached = new Set<string>();
    const follow = (of: string): void => {
      const file = files.find(({ name }) => name.replace(/\.tsx?$/, '') === of);
      if (!file || reached.has(of)) return;
      reached.add(of);
      for (const { of: next, typeOnly } of file.imports) if (!typeOnly) follow(next);
    };
    for (const name of shared) follow(name);
    // What a service says of itself may take several files.
    const allowed =
      /^(services\/(about|abouts|fields|accounts|\w+\/(about|tasks|inputs|address|endpoint))|calls\/(call|words|dollars|shipped-prompts|sites)|failure|bytes|messages\/(client|contract))$/;
    expect([...reached].filter(name => !allowed.test(name) && !SHAPES.includes(name))).toEqual([]);
    expect(reached.size).toBeGreaterThanOrEqual(shared.length);
  });
});

describe('the selection’s script', () => {
  it('takes little into a page', () => {
    const few = ['preact', 'messages/card', 'calls/dollars', 'bytes', 'ui/tokens.css?inline'];
    const allowed = (of: string) => of.startsWith('selection/') || few.includes(of);
    expect(
      atRunTime(
        ({ room }) => room === 'selection',
        of => !allowed(of),
      ),
    ).toEqual([]);
  });

  it('is the only thing that runs in pages', () => {
    expect(
      files.flatMap(({ name, imports }) =>
        imports.filter(({ of }) => of.endsWith('?script')).map(({ of }) => `${name} → ${of}`),
      ),
    ).toEqual([
      'background/bubble.ts → selection/bubble.iife.ts?script',
      'background/bubble.ts → selection/resident.iife.ts?script',
      'background/prompts.ts → selection/card.iife.ts?script',
    ]);
  });
});

describe('services', () => {
  it('take of the vault only types', () => {
    expect(atRunTime(({ room }) => room === 'services', within('vault', 'store'))).toEqual([]);
  });

  it('take nothing of what stands above them', () => {
    const above = within('background', 'messages', 'calls', 'popup', 'options', 'ui', 'selection');
    expect(anyImport(({ room }) => room === 'services', above)).toEqual([]);
  });

  it('take nothing of each other', () => {
    const folder = (name: string) => name.match(/^services\/(\w+)\//)?.[1];
    const crossings = files.flatMap(({ name, imports }) =>
      imports
        .filter(({ of }) => folder(name) && folder(of) && folder(name) !== folder(of))
        .map(({ of }) => `${name} → ${of}`),
    );
    expect(crossings).toEqual([]);
  });
});

describe('the rooms below', () => {
  it.each([
    ['vault', ['background', 'messages', 'calls', 'services', 'popup', 'options', 'ui', 'selection']],
    [
      'store',
      ['background', 'messages', 'calls', 'services', 'vault', 'popup', 'options', 'ui', 'selection'],
    ],
    ['calls', ['background', 'messages', 'popup', 'options', 'ui', 'selection']],
  ])('%s takes nothing of those above it', (room, above) => {
    expect(anyImport(file => file.room === room, within(...above))).toEqual([]);
  });

  it('messages takes of the other rooms only types, and the shapes of their things', () => {
    const others = within(
      'background',
      'calls',
      'services',
      'vault',
      'store',
      'popup',
      'options',
      'ui',
      'selection',
    );
    const forbidden = (of: string) => others(of) && !SHAPES.includes(of);
    expect(atRunTime(({ room }) => room === 'messages', forbidden)).toEqual([]);
  });

  it('background is taken by nobody', () => {
    expect(anyImport(({ room }) => room !== 'background', within('background'))).toEqual([]);
  });
});

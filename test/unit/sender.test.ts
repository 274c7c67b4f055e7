import './browser-urls';
import { describe, expect, it } from 'vitest';
import { classify, PAGES } from '../../src/messages/sender';

const browsers = [
  { id: 'abcdefghijklmnopabcdefghijklmnop', origin: 'chrome-extension://abcdefghijklmnopabcdefghijklmnop' },
  { id: 'runkey@runkey.extension', origin: 'moz-extension://0f8fad5b-d9cb-469f-a165-70867728950e' },
];

type Claims = Parameters<typeof classify>[0];

// A tab has more fields than are looked at.
const inTab = (id: number | undefined) => ({ tab: { id } as Exclude<Claims['tab'], undefined> });

describe.each(browsers)('a sender, for $origin', ours => {
  const popup = `${ours.origin}${PAGES.popup}`;
  const options = `${ours.origin}${PAGES.options}`;
  const popupPage = { kind: 'page', page: 'popup' };
  const optionsPage = { kind: 'page', page: 'options' };
  const stranger = { kind: 'stranger' };
  const content = (document: string, frame = 0) => ({ kind: 'content', tab: 5, frame, document });

  // Measured in Chromium 156.
  const measured: [string, Claims, object][] = [
    [
      'a content script in a page',
      {
        id: ours.id,
        origin: 'https://a.example',
        url: 'https://a.example/x',
        ...inTab(5),
        frameId: 0,
        documentId: 'D',
      },
      content('D'),
    ],
    [
      'a content script in a frame of a page',
      {
        id: ours.id,
        origin: 'https://b.example',
        url: 'https://b.example/',
        ...inTab(5),
        frameId: 9,
        documentId: 'E',
      },
      content('E', 9),
    ],
    [
      'the options page in a tab',
      { id: ours.id, origin: ours.origin, url: options, ...inTab(5), frameId: 0, documentId: 'F' },
      optionsPage,
    ],
    [
      'the popup’s page in a tab',
      { id: ours.id, origin: ours.origin, url: popup, ...inTab(5), frameId: 0, documentId: 'F' },
      popupPage,
    ],
    ['the toolbar popup', { id: ours.id, origin: ours.origin, url: popup }, popupPage],
    [
      'a page of ours that a site has framed',
      { id: ours.id, origin: ours.origin, url: options, ...inTab(5), frameId: 3 },
      stranger,
    ],
  ];
  it.each(measured)('%s is what was measured', (_, claims, expected) => {
    expect(classify(claims, ours)).toEqual(expected);
  });

  // Firefox gives no origin for every kind of sender.
  const withoutOrigin: [string, Claims, object][] = [
    ['the options page', { id: ours.id, url: options, ...inTab(5), frameId: 0 }, optionsPage],
    ['the toolbar popup', { id: ours.id, url: popup }, popupPage],
    ['a page of ours that is framed', { id: ours.id, url: options, ...inTab(5), frameId: 3 }, stranger],
    ['a content script', { id: ours.id, url: 'https://a.example/', ...inTab(5), frameId: 0 }, content('5/0')],
    [
      'a content script in a frame',
      { id: ours.id, url: 'https://a.example/', ...inTab(5), frameId: 7 },
      content('5/7', 7),
    ],
  ];
  it.each(withoutOrigin)('%s that has no origin is told by its address', (_, claims, expected) => {
    expect(classify(claims, ours)).toEqual(expected);
  });

  const hostile: [string, Claims, object][] = [
    ['nobody', {}, stranger],
    [
      'another extension',
      { id: 'ponmlkjihgfedcbaponmlkjihgfedcba', origin: ours.origin, url: options },
      stranger,
    ],
    [
      'another extension with our id in other letters',
      { id: ours.id.toUpperCase(), origin: ours.origin, url: options },
      stranger,
    ],
    [
      'a web page that may write to us',
      { origin: 'https://a.example', url: 'https://a.example/', ...inTab(5), frameId: 0 },
      stranger,
    ],
    ['a page of ours without our id', { origin: ours.origin, url: options, frameId: 0 }, stranger],
    [
      'another page of ours',
      { id: ours.id, origin: ours.origin, url: `${ours.origin}/src/other/index.html` },
      stranger,
    ],
    [
      'our background',
      { id: ours.id, origin: ours.origin, url: `${ours.origin}/service-worker-loader.js` },
      stranger,
    ],
    ['the root of our origin', { id: ours.id, origin: ours.origin, url: `${ours.origin}/` }, stranger],
    ['a page of ours without an address', { id: ours.id, origin: ours.origin }, stranger],
    [
      'a page of ours with half an address',
      { id: ours.id, origin: ours.origin, url: PAGES.options },
      stranger,
    ],
    ['a blob of ours', { id: ours.id, origin: ours.origin, url: `blob:${options}` }, stranger],
    [
      'a path that only ends like ours',
      { id: ours.id, origin: ours.origin, url: `${ours.origin}/x${PAGES.options}` },
      stranger,
    ],
    [
      'a path that only begins like ours',
      { id: ours.id, origin: ours.origin, url: `${options}/x` },
      stranger,
    ],
    [
      'our path in other letters',
      { id: ours.id, origin: ours.origin, url: options.replace('/src', '/SRC') },
      stranger,
    ],
    [
      'our path behind dots that lead elsewhere',
      { id: ours.id, origin: ours.origin, url: `${options}/../../x.html` },
      stranger,
    ],
    [
      'our origin at another’s address',
      { id: ours.id, origin: ours.origin, url: `https://a.example${PAGES.options}` },
      stranger,
    ],
    [
      'our origin in an address’s user',
      { id: ours.id, origin: ours.origin, url: `https://${ours.id}@a.example${PAGES.options}` },
      stranger,
    ],
    [
      'a framed page of ours that says it has no origin',
      { id: ours.id, origin: 'null', url: options, ...inTab(5), frameId: 3 },
      stranger,
    ],
    [
      'a content script without a tab',
      { id: ours.id, origin: 'https://a.example', url: 'https://a.example/', frameId: 0 },
      stranger,
    ],
    [
      'a content script in a tab without an id',
      {
        id: ours.id,
        origin: 'https://a.example',
        url: 'https://a.example/',
        ...inTab(undefined),
        frameId: 0,
      },
      stranger,
    ],
    ['no origin, no address and no tab', { id: ours.id }, stranger],
  ];
  it.each(hostile)('%s is a stranger', (_, claims, expected) => {
    expect(classify(claims, ours)).toEqual(expected);
  });

  // None of these may be taken for a page of ours, whatever else they are.
  const lookAlikes: [string, Claims][] = [
    [
      'our address at a site’s origin',
      { id: ours.id, origin: 'https://a.example', url: options, ...inTab(5), frameId: 0 },
    ],
    [
      'our origin with more behind it',
      { id: ours.id, origin: `${ours.origin}.a.example`, url: options, ...inTab(5), frameId: 0 },
    ],
    [
      'our origin with a slash',
      { id: ours.id, origin: `${ours.origin}/`, url: options, ...inTab(5), frameId: 0 },
    ],
    [
      'our host at another scheme',
      {
        id: ours.id,
        origin: ours.origin.replace(/^[a-z-]+/, 'https'),
        url: options,
        ...inTab(5),
        frameId: 0,
      },
    ],
    [
      'no origin at an address whose host begins like ours',
      {
        id: ours.id,
        origin: 'null',
        url: options.replace('/src', '.a.example/src'),
        ...inTab(5),
        frameId: 0,
      },
    ],
    [
      'no origin at an address of another scheme',
      { id: ours.id, url: options.replace(/^[a-z-]+/, 'https'), ...inTab(5), frameId: 0 },
    ],
    [
      'a sandboxed frame',
      { id: ours.id, origin: 'null', url: 'https://a.example/', ...inTab(5), frameId: 2 },
    ],
    [
      'a frame without an address of its own',
      { id: ours.id, origin: 'null', url: 'about:srcdoc', ...inTab(5), frameId: 2 },
    ],
    ['an empty page', { id: ours.id, origin: 'null', url: 'about:blank', ...inTab(5), frameId: 0 }],
    [
      'a page that is data',
      { id: ours.id, origin: 'null', url: `data:text/html,${options}`, ...inTab(5), frameId: 0 },
    ],
    ['a file', { id: ours.id, origin: 'file://', url: `file://${PAGES.options}`, ...inTab(5), frameId: 0 }],
    [
      'no address that can be read',
      { id: ours.id, origin: 'null', url: 'not an address', ...inTab(5), frameId: 0 },
    ],
  ];
  it.each(lookAlikes)('%s is a content script at most', (_, claims) => {
    expect(classify(claims, ours)).toMatchObject({ kind: 'content', tab: 5 });
  });

  it('is ours whatever follows the path of its page', () => {
    for (const rest of ['?x=1', '#keys', '?#']) {
      expect(classify({ id: ours.id, origin: ours.origin, url: options + rest }, ours)).toEqual(optionsPage);
    }
  });
});

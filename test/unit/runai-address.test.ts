import { describe, expect, it } from 'vitest';
import { originIn } from '../../src/services/runai/address';

describe('the address of a control plane', () => {
  it.each([
    ['https://acme.run.ai', 'https://acme.run.ai'],
    [' https://runai.example.com:8443/workloads?x#y ', 'https://runai.example.com:8443'],
    ['https://10.0.0.7:65535', 'https://10.0.0.7:65535'],
    ['https://acme.run.ai:443/', 'https://acme.run.ai'],
  ])('%s is %s', (text, origin) => {
    expect(originIn(text)).toBe(origin);
  });

  it.each([
    'http://acme.run.ai',
    'acme.run.ai',
    'https://ada:pw@acme.run.ai',
    'https://acme.run.ai:0',
    'https://acme.run.ai:65536',
    'https://acme.run.ai:99999',
    'https://',
    '',
  ])('%j is none', text => {
    expect(originIn(text)).toBeUndefined();
  });
});

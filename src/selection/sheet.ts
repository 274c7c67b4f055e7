import tokens from '../ui/tokens.css?inline';
import base from './base.css?inline';

/**
 * The sheet of a layer. A page's rules for everything reach the host, its custom properties included: the tokens
 * stand on what is inside of it.
 */
export const sheetWith = (own: string): string =>
  `${tokens.replaceAll(/:root\s*,\s*:host/g, '.runkey')}\n${base}\n${own}`;

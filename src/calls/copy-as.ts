import type { Sketch } from '../services/sketch';
import { curlOf } from './as-curl';
import { fetchOf } from './as-fetch';
import { shareable } from './shareable';

/** Commands for a POSIX shell that make the call. */
export const asCurl = (sketch: Sketch): string => curlOf(shareable(sketch));

/** A JavaScript module for Node that makes the call. */
export const asFetch = (sketch: Sketch): string => fetchOf(shareable(sketch));

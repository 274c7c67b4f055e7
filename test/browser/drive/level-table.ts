import { readVarint, unpackSnappy } from './snappy';

export interface Block {
  /** Of the packed block, in the file. */
  offset: number;
  bytes: Buffer;
}

const MAGIC = Buffer.from('57fb808b247547db', 'hex');
const FOOTER = 48;

export const isLevelTable = (path: string) => /\.(ldb|sst)$/.test(path);

/**
 * Unpacks the compressed blocks of a LevelDB table. The rest can be read as it lies in the file. A file that is no
 * table, or was cut short, has no blocks.
 * https://github.com/google/leveldb/blob/main/doc/table_format.md
 */
export function levelTableBlocks(file: Buffer): Block[] {
  if (file.length < FOOTER || !file.subarray(-MAGIC.length).equals(MAGIC)) return [];
  const footer = file.subarray(-FOOTER);
  // The footer holds the handles of two blocks: of the metadata first, then of the index.
  const index = readHandle(footer, readHandle(footer, 0).end);
  const blocks: Block[] = [];
  for (const handle of handlesIn(readBlock(file, index).bytes)) {
    const block = readBlock(file, handle);
    if (block.wasPacked) blocks.push({ offset: handle.offset, bytes: block.bytes });
  }
  return blocks;
}

interface Handle {
  offset: number;
  size: number;
}

function readHandle(bytes: Buffer, start: number): Handle & { end: number } {
  const offset = readVarint(bytes, start);
  const size = readVarint(bytes, offset.end);
  return { offset: offset.value, size: size.value, end: size.end };
}

/** After each block comes a byte that says whether it is packed, and a checksum. */
function readBlock(file: Buffer, { offset, size }: Handle): { bytes: Buffer; wasPacked: boolean } {
  const stored = file.subarray(offset, offset + size);
  const wasPacked = file.readUInt8(offset + size) === 1;
  return { bytes: wasPacked ? unpackSnappy(stored) : stored, wasPacked };
}

/** An index block maps keys to handles. At its end are the places where keys are written in full, and their count. */
function* handlesIn(index: Buffer): Generator<Handle> {
  const entriesEnd = index.length - 4 - 4 * index.readUInt32LE(index.length - 4);
  for (let at = 0; at < entriesEnd; ) {
    const shared = readVarint(index, at);
    const unshared = readVarint(index, shared.end);
    const valueLength = readVarint(index, unshared.end);
    const value = valueLength.end + unshared.value;
    yield readHandle(index, value);
    at = value + valueLength.value;
  }
}

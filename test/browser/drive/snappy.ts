/**
 * Unpacks a block of raw Snappy, as LevelDB stores it. Throws a RangeError on a block that is not valid.
 * https://github.com/google/snappy/blob/main/format_description.txt
 */
export function unpackSnappy(packed: Buffer): Buffer {
  const { value: length, end } = readVarint(packed, 0);
  // No element turns one byte into more than 64, so a longer claim is a lie and not worth the memory.
  if (length > packed.length * 64) throw new RangeError('A Snappy block claims an impossible length.');
  const unpacked = Buffer.alloc(length);
  let from = end;
  let to = 0;
  while (from < packed.length) {
    const tag = packed.readUInt8(from);
    from += 1;
    const long = tag >> 2;
    if ((tag & 3) === 0) {
      // A literal: its length less one is in the tag, or in the one to four bytes after it.
      const lengthBytes = Math.max(0, long - 59);
      const size = 1 + (lengthBytes > 0 ? packed.readUIntLE(from, lengthBytes) : long);
      from += lengthBytes;
      if (from + size > packed.length || to + size > length)
        throw new RangeError('A Snappy literal runs over.');
      to += packed.copy(unpacked, to, from, from + size);
      from += size;
      continue;
    }
    // A copy of what is unpacked already, the distance in one byte and three bits, two bytes, or four.
    const distanceBytes = [0, 1, 2, 4][tag & 3] ?? 0;
    const near = distanceBytes === 1;
    const size = near ? 4 + (long & 7) : 1 + long;
    const distance = packed.readUIntLE(from, distanceBytes) + (near ? (tag >> 5) << 8 : 0);
    from += distanceBytes;
    if (distance === 0 || distance > to || to + size > length)
      throw new RangeError('A Snappy copy runs over.');
    // Byte by byte, for a copy may overlap what it writes.
    for (let left = size; left > 0; left -= 1, to += 1) unpacked[to] = unpacked[to - distance] ?? 0;
  }
  if (to !== length) throw new RangeError('A Snappy block ends early.');
  return unpacked;
}

/** Reads a little-endian number of seven bits a byte. `end` is the place after it. */
export function readVarint(bytes: Buffer, start: number): { value: number; end: number } {
  let value = 0;
  for (let end = start; end < start + 8; end += 1) {
    const byte = bytes.readUInt8(end);
    // Not a shift: those wrap around at 32 bits.
    value += (byte & 127) * 128 ** (end - start);
    if (byte < 128) return { value, end: end + 1 };
  }
  throw new RangeError('A varint is too long.');
}

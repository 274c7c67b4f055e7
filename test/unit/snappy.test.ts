import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { levelTableBlocks } from '../browser/drive/level-table';
import { readVarint, unpackSnappy } from '../browser/drive/snappy';

const varint = (value: number): Buffer =>
  value < 128 ? Buffer.of(value) : Buffer.concat([Buffer.of((value & 127) | 128), varint(value >>> 7)]);

const literal = (text: string) => Buffer.concat([Buffer.of((text.length - 1) << 2), Buffer.from(text)]);

const block = (length: number, ...elements: Buffer[]) => Buffer.concat([varint(length), ...elements]);

describe('unpacking Snappy', () => {
  it('takes literals as they are', () => {
    expect(unpackSnappy(block(0)).toString()).toBe('');
    expect(unpackSnappy(block(7, literal('Runware'))).toString()).toBe('Runware');
  });

  it.each([1, 2, 3, 4])('reads the length of a literal from %i bytes', lengthBytes => {
    const text = Buffer.alloc(200, 'ab');
    const size = Buffer.alloc(lengthBytes);
    size.writeUIntLE(199, 0, lengthBytes);
    const tag = Buffer.of((59 + lengthBytes) << 2);
    expect(unpackSnappy(block(200, tag, size, text))).toEqual(text);
  });

  it('copies from near, from farther, and from far', () => {
    const near = Buffer.of(0b000_000_01, 4);
    const farther = Buffer.of((3 << 2) | 2, 4, 0);
    const far = Buffer.of((3 << 2) | 3, 4, 0, 0, 0);
    for (const copy of [near, farther, far]) {
      expect(unpackSnappy(block(8, literal('wxyz'), copy)).toString()).toBe('wxyzwxyz');
    }
  });

  it('reads the three high bits of a near distance', () => {
    const start = Buffer.concat([Buffer.of(61 << 2, 0x2b, 0x01), Buffer.alloc(300, 'abcdefg')]);
    const copy = Buffer.of((1 << 5) | (1 << 2) | 1, 44);
    expect(
      unpackSnappy(block(305, start, copy))
        .subarray(300)
        .toString(),
    ).toBe('abcde');
  });

  it('lets a copy overlap what it writes', () => {
    expect(unpackSnappy(block(9, literal('ab'), Buffer.of((3 << 2) | 1, 2))).toString()).toBe('ababababa');
  });

  it('refuses what runs over, ends early or claims the impossible', () => {
    const broken = [
      Buffer.alloc(0),
      block(3, literal('four')),
      block(5, literal('four')),
      block(8, literal('four'), Buffer.of(1, 9)),
      block(8, literal('four'), Buffer.of(1, 0)),
      Buffer.concat([varint(0x7fffffff), literal('x')]),
      Buffer.of(4, 0b1111_0000),
    ];
    for (const packed of broken) expect(() => unpackSnappy(packed)).toThrow(RangeError);
  });

  it('never does anything but unpack or refuse', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        try {
          unpackSnappy(Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });

  it('reads numbers of seven bits a byte', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0x7fffffff }), value => {
        const bytes = varint(value);
        expect(readVarint(bytes, 0)).toEqual({ value, end: bytes.length });
      }),
    );
  });
});

describe('a LevelDB table', () => {
  const withTrailer = (bytes: Buffer, packed: boolean) =>
    Buffer.concat([bytes, Buffer.of(packed ? 1 : 0, 0, 0, 0, 0)]);
  const handle = (offset: number, size: number) => Buffer.concat([varint(offset), varint(size)]);

  /** A table of one data block, with an index whose only key is "k". */
  function table(data: Buffer, packed: boolean): Buffer {
    const dataHandle = handle(0, data.length);
    const index = Buffer.concat([
      varint(0),
      varint(1),
      varint(dataHandle.length),
      Buffer.from('k'),
      dataHandle,
      Buffer.of(0, 0, 0, 0, 1, 0, 0, 0),
    ]);
    const footer = Buffer.alloc(48);
    Buffer.concat([handle(0, 0), handle(data.length + 5, index.length)]).copy(footer);
    footer.set(Buffer.from('57fb808b247547db', 'hex'), 40);
    return Buffer.concat([withTrailer(data, packed), withTrailer(index, false), footer]);
  }

  it('gives its packed blocks unpacked', () => {
    const data = block(8, literal('wxyz'), Buffer.of(1, 4));
    expect(levelTableBlocks(table(data, true))).toEqual([{ offset: 0, bytes: Buffer.from('wxyzwxyz') }]);
  });

  it('leaves out blocks that can be read as they lie', () => {
    expect(levelTableBlocks(table(Buffer.from('plain'), false))).toEqual([]);
  });

  it('has no blocks when it is no table', () => {
    expect(levelTableBlocks(Buffer.alloc(0))).toEqual([]);
    expect(levelTableBlocks(Buffer.alloc(100))).toEqual([]);
  });
});

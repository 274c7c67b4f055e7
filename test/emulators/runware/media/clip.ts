/** A well-formed MP4 container with no tracks: enough to be fetched, stored and recognised, nothing to play. */
export function emptyClip(note: string, seconds: number): Buffer {
  const movieHeader = Buffer.alloc(100);
  movieHeader.writeUInt32BE(1000, 12); // time units a second
  movieHeader.writeUInt32BE(Math.round(seconds * 1000), 16);
  movieHeader.writeUInt32BE(0x00010000, 20); // normal speed
  movieHeader.writeUInt16BE(0x0100, 24); // full volume
  movieHeader.writeUInt32BE(0x00010000, 36); // the identity matrix
  movieHeader.writeUInt32BE(0x00010000, 52);
  movieHeader.writeUInt32BE(0x40000000, 68);
  movieHeader.writeUInt32BE(1, 96); // next track
  return Buffer.concat([
    box('ftyp', Buffer.from('isom\0\0\u0002\0isommp41', 'latin1')),
    box('moov', box('mvhd', movieHeader)),
    box('free', Buffer.from(note, 'utf8')),
  ]);
}

function box(name: string, body: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + body.length, 0);
  head.write(name, 4, 'latin1');
  return Buffer.concat([head, body]);
}

/** Writes a small grey image as a PNG file (RFC 2083) without compression: a browser's canvas is not needed. Pure. */
import type { Grey } from "./drawing";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Most bytes of a block that is stored as it is (RFC 1951). */
const MOST_STORED = 65_535;

export function pngDataUrl(image: Grey): string {
  const bytes = greyPng(image);
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return `data:image/png;base64,${btoa(text)}`;
}

/** The bytes of the file: 8 bits a pixel, no colours, no transparency. */
export function greyPng({ height, width, values }: Grey): Uint8Array {
  const rows: number[] = [];
  for (let row = 0; row < height; row += 1) {
    rows.push(0); // this row is not filtered
    for (let column = 0; column < width; column += 1) {
      const value = values[row * width + column] ?? 0;
      rows.push(Math.round(255 * Math.min(1, Math.max(0, value))));
    }
  }
  const header = [...word(width), ...word(height), 8, 0, 0, 0, 0];
  return Uint8Array.from([
    ...SIGNATURE,
    ...chunk("IHDR", header),
    ...chunk("IDAT", stored(rows)),
    ...chunk("IEND", []),
  ]);
}

function chunk(name: string, content: readonly number[]): number[] {
  const body = [...[...name].map((letter) => letter.charCodeAt(0)), ...content];
  return [...word(content.length), ...body, ...word(crc(body))];
}

/** A zlib stream (RFC 1950) of stored blocks. */
function stored(content: readonly number[]): number[] {
  const stream = [0x78, 0x01];
  for (let begin = 0; begin < content.length; begin += MOST_STORED) {
    const block = content.slice(begin, begin + MOST_STORED);
    const last = begin + MOST_STORED >= content.length ? 1 : 0;
    const [low, high] = [block.length & 255, block.length >>> 8];
    stream.push(last, low, high, ~low & 255, ~high & 255);
    for (const byte of block) stream.push(byte);
  }
  return [...stream, ...word(adler(content))];
}

/** A number as four bytes, the highest first. */
function word(value: number): number[] {
  return [(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}

function crc(bytes: readonly number[]): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

function adler(bytes: readonly number[]): number {
  let [low, high] = [1, 0];
  for (const byte of bytes) {
    low = (low + byte) % 65_521;
    high = (high + low) % 65_521;
  }
  return ((high << 16) | low) >>> 0;
}

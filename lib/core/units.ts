/**
 * Amounts as people write them. Each needs a unit: a plain number is refused, because it could be in
 * bits, bytes, milliseconds or seconds.
 *
 * @module
 */

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1e3,
  m: 60e3,
  min: 60e3,
  h: 3600e3,
};

const UNIT_BYTES: Readonly<Record<string, number>> = {
  "": 1,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
};

/** `100ms`, `1.5s`, `10m` or `1h` in milliseconds; undefined if it is no duration. */
export function durationMs(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|min|h)$/.exec(text) ?? [];
  return amount === undefined ? undefined : Number(amount) * UNIT_MS[unit];
}

/**
 * `4096B`, `64k`, `2MiB` or `1GB` in bytes; units are powers of 1024. Undefined if it is no size, or
 * has no unit.
 */
export function sizeBytes(text: string): number | undefined {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)\s*(?:([kmgt])(?:i?b)?|b)$/i.exec(text) ?? [];
  return amount === undefined ? undefined : Number(amount) * UNIT_BYTES[unit.toLowerCase()];
}

const UNIT_BITS: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

/**
 * `10Gbit`, `10Gb/s`, `100Mbps` or `500MB/s` in bytes a second: a small `b` is a bit, a large one a byte.
 * Bits go by powers of 1000, as links are sold, bytes by powers of 1024. Undefined if it is no rate.
 */
export function bytesPerSecond(text: string): number | undefined {
  const amount = text.replace(/\/s$/, "");
  const [, bits, unit] = /^(\d+(?:\.\d+)?)\s*([kmgtKMGT]?)(?:[Bb]its?|b|bps)$/.exec(amount) ?? [];
  return bits === undefined ? sizeBytes(amount) : Number(bits) * UNIT_BITS[unit.toLowerCase()] / 8;
}

/** `10%` as 0.1; undefined if it is no percentage. Without the sign it could be a share. */
export function shareOf(text: string): number | undefined {
  const [, amount] = /^(\d+(?:\.\d+)?)\s*%$/.exec(text) ?? [];
  return amount === undefined ? undefined : Number(amount) / 100;
}

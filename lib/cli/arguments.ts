/**
 * Parses what people type as values of options.
 *
 * @module
 */

import { InvalidArgumentError } from "@commander-js/extra-typings";
import { bytesPerSecond, durationMs, shareOf, sizeBytes } from "../core/units.ts";

/** `100ms`, `1.5s`, `10m` or `1h` in milliseconds. */
export function parseDurationMs(text: string): number {
  return durationMs(text) ?? invalid("Give a duration, as in 100ms, 10s or 5m.");
}

/** `4096B`, `64k`, `2MiB` or `1GB` in bytes; units are powers of 1024. */
export function parseSizeBytes(text: string): number {
  return sizeBytes(text) ?? invalid("Give a size, as in 4096B, 64k or 2MiB.");
}

/** `300ms` in nanoseconds. */
export function parseDurationNs(text: string): number {
  return parseDurationMs(text) * 1e6;
}

/** The same, above 0. */
export function parseWorkingSetNs(text: string): number {
  return parseDurationNs(text) || invalid("Give a duration above 0, as in 10s.");
}

/** `1s,10s,60s` in nanoseconds; none of them is 0. */
export function parseDurationsNs(text: string): number[] {
  return text.split(",").map((one) => parseDurationNs(one.trim()) || invalid("0 is no interval."));
}

/** `10Gbit`, `100Mbit/s` or `500MB/s` in bytes a second; not 0. */
export function parseBytesPerSecond(text: string): number {
  return bytesPerSecond(text) || invalid("Give a rate, as in 10Gbit, 100Mbit or 500MB/s.");
}

/** The size of a page in bytes: a power of two from 4 KiB to 64 KiB. */
export function parsePageSize(text: string): number {
  const value = parseSizeBytes(text);
  if (value >= 4096 && value <= 65536 && Number.isInteger(Math.log2(value))) return value;
  throw new InvalidArgumentError("Give a power of two, as in 4k, 16k or 64k.");
}

/** A size, as in 256MB, or a duration, as in 1h. A plain number is neither. */
export function parseRotation(text: string): { rotateBytes: number } | { rotateMs: number } {
  const isSize = /b$|[kgt]$/i.test(text);
  const value = isSize ? parseSizeBytes(text) : /[smhn]$/.test(text) ? parseDurationMs(text) : 0;
  if (value > 0) return isSize ? { rotateBytes: value } : { rotateMs: value };
  throw new InvalidArgumentError("Give a size or a duration, as in 256MB or 1h.");
}

/** `10%` as 0.1. */
export function parsePercent(text: string): number {
  return shareOf(text) ?? invalid("Give a percentage, as in 10%.");
}

/** The same, of a whole: above 0, and up to 100%. */
export function parseShare(text: string): number {
  const share = shareOf(text) ?? 0;
  return share > 0 && share <= 1
    ? share
    : invalid("Give a percentage above 0% and up to 100%, as in 1%.");
}

/** A pid. */
export function parsePid(text: string): number {
  return parseWhole(text, 1, "Give a process id, as in 1234.");
}

/** How many of something: 1 or more. */
export function parseCount(text: string): number {
  return parseWhole(text, 1, "Give a whole number from 1 on.");
}

/** The number of a snapshot; negative numbers count from the end. */
export function parseIndex(text: string): number {
  return parseWhole(text, -Infinity, "Give the number of a snapshot, as in 3, or -1 for the last.");
}

/** An address in hexadecimal. */
export function parseHexAddress(text: string): string {
  if (/^(0x)?[0-9a-f]{1,16}$/i.test(text)) return text;
  throw new InvalidArgumentError("Give an address in hexadecimal, as in 7ffd8c021000.");
}

/** Letters of permissions. */
export function parsePerms(text: string): string {
  if (/^[rwxsp]+$/.test(text)) return text;
  throw new InvalidArgumentError("Give letters of r, w, x, s and p, as in rw.");
}

function parseWhole(text: string, least: number, message: string): number {
  const value = Number(text);
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) {
    throw new InvalidArgumentError(message);
  }
  return value;
}

function invalid(message: string): never {
  throw new InvalidArgumentError(message);
}

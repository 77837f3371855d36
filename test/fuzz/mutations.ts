/**
 * Changes recordings in the ways in which files are damaged or forged.
 *
 * @module
 */

import { EVENT_TYPES, RECORD_TYPES } from "../../lib/trace/schema.ts";
import { compress } from "../../lib/trace/zstd.ts";
import { joinAll } from "../helpers/raw_records.ts";
import type { Random } from "./random.ts";
import { putTogether, type RawRecord, takeApart } from "./records.ts";

/** What was done, and what came of it. */
export interface Mutant {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Changes bytes without regard to records. */
const OF_BYTES = {
  flip(bytes: Uint8Array, random: Random) {
    const changed = bytes.slice();
    for (let n = 1 + random.below(4); n > 0; n--) flip(changed, random);
    return changed;
  },
  truncate: (bytes: Uint8Array, random: Random) => bytes.slice(0, random.below(bytes.length)),
  splice(bytes: Uint8Array, random: Random, other: Uint8Array) {
    return joinAll([
      bytes.subarray(0, random.below(bytes.length)),
      other.subarray(random.below(other.length)),
    ]);
  },
  cutOut(bytes: Uint8Array, random: Random) {
    const from = random.below(bytes.length);
    return joinAll([bytes.subarray(0, from), bytes.subarray(from + random.below(300))]);
  },
  overwrite(bytes: Uint8Array, random: Random) {
    const changed = bytes.slice();
    const from = random.below(bytes.length);
    changed.fill(random.of([0, 0xff, 0xc4, 0xc6, 0xce]), from, from + random.below(2000));
    return changed;
  },
  /** Lengths of frames and of what is in them, with all bits set. */
  inflate(bytes: Uint8Array, random: Random) {
    const changed = bytes.slice();
    const heads = [0xc4, 0xc5, 0xc6, 0xce, 0xdc, 0xdd, 0xde, 0xdf, 0xd9, 0xda, 0xdb];
    let at = random.below(bytes.length);
    while (at < bytes.length && !heads.includes(bytes[at])) at++;
    changed.fill(random.of([0xff, 0x7f, 0x3f]), at + 1, at + 2 + random.below(4));
    return changed;
  },
} as const;

/** Changes bodies or the order of records, whose checksums are made right again. */
const OF_RECORDS = {
  flipBody: onBody((body, random) => {
    for (let n = 1 + random.below(3); n > 0; n--) flip(body, random);
    return body;
  }),
  shortenBody: onBody((body, random) => body.slice(0, random.below(body.length + 1))),
  inflateBody: onBody((body, random) => {
    const at = random.below(body.length);
    body.fill(random.of([0xff, 0x80, 0xdd, 0xdf, 0xc6, 0x7f, 0]), at, at + 1 + random.below(6));
    return body;
  }),
  mixBodies(records: RawRecord[], random: Random) {
    const [a, b] = [random.below(records.length), random.below(records.length)];
    const { body } = records[a];
    const at = random.below(body.length);
    records[a] = { type: records[a].type, body: joinAll([body.subarray(0, at), records[b].body]) };
    return records;
  },
  changeType(records: RawRecord[], random: Random) {
    const i = random.below(records.length);
    const type = random.of([random.below(256), random.below(12), records[i].type ^ 0x80]);
    records[i] = { type, body: records[i].body };
    return records;
  },
  duplicate(records: RawRecord[], random: Random) {
    records.splice(random.below(records.length), 0, random.of(records));
    return records;
  },
  remove(records: RawRecord[], random: Random) {
    records.splice(random.below(records.length), 1);
    return records;
  },
  swap(records: RawRecord[], random: Random) {
    const [a, b] = [random.below(records.length), random.below(records.length)];
    [records[a], records[b]] = [records[b], records[a]];
    return records;
  },
  nest: onBody((body, random) => {
    const nested = new Uint8Array(body.length + 3000).fill(random.of([0x91, 0x81, 0xdd]));
    nested.set(body, 3000);
    return nested;
  }),
  /** A body that is a bomb: some bytes of it are a thousand times as many. */
  bomb(records: RawRecord[], random: Random) {
    const filled = new Uint8Array(random.of([1 << 12, 1 << 20, 1 << 24])).fill(
      random.of([0, 0x90, 0x80, 0x93, 0xc4]),
    );
    const body = joinAll([varint(filled.length), compress(filled) ?? new Uint8Array(0)]);
    const type = random.of([...Object.values(RECORD_TYPES), ...Object.values(EVENT_TYPES)]);
    records.splice(1 + random.below(records.length), 0, { type: type | 0x80, body });
    return records;
  },
} as const;

function onBody(change: (body: Uint8Array, random: Random) => Uint8Array) {
  return (records: RawRecord[], random: Random): RawRecord[] => {
    const i = random.below(records.length);
    const { type, body } = records[i];
    if (body.length > 0) records[i] = { type, body: change(body.slice(), random) };
    return records;
  };
}

/** One to three changes of one recording; `other` is another one to take parts of. */
export function mutate(bytes: Uint8Array, other: Uint8Array, random: Random): Mutant {
  const names: string[] = [];
  let mutant = bytes;
  for (let n = 1 + random.below(3); n > 0 && mutant.length > 0; n--) {
    const records = takeApart(mutant);
    // Half of the changes go through the checksums, so that what lies behind them is reached.
    if (records.length > 0 && random.below(2) === 0) {
      const [name, change] = random.of(Object.entries(OF_RECORDS));
      names.push(name);
      mutant = putTogether(change(records, random));
    } else {
      const [name, change] = random.of(Object.entries(OF_BYTES));
      names.push(name);
      mutant = change(mutant, random, other);
    }
  }
  return { name: names.join("+"), bytes: mutant };
}

function flip(bytes: Uint8Array, random: Random): void {
  bytes[random.below(bytes.length)] ^= 1 << random.below(8);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Uint8Array.of(...bytes, rest);
}

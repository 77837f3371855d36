/**
 * Reads protobuf messages field by field, so that nothing is held of them but what is asked for.
 *
 * Images are files that anybody may have made: each length is held against the bytes that are there,
 * and groups, which nest without end and which CRIU never writes, are refused.
 *
 * @module
 */

import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { PAGE_NUMBER_LIMIT, type PageNumber } from "../../core/page_set.ts";
import { wellFormed } from "../../core/plain_text.ts";

/** PATH_MAX of Linux. */
const LONGEST_NAME = 4096;

/** Takes one field of a message from a reader that stands at its value. */
export type FieldReader = (reader: BinaryReader) => void;

/** The fields that are wanted, by their numbers. */
export interface WantedFields {
  /** Numbers: `uint32`, `uint64`, `bool` and enumerations. */
  readonly numbers?: Readonly<Record<number, FieldReader>> | undefined;
  /** Strings, bytes and messages within. */
  readonly bytes?: (Readonly<Record<number, (bytes: Uint8Array) => void>>) | undefined;
}

/**
 * Reads one message. A field that comes twice is handed over twice, one of another type than wanted is
 * passed over, as every reader of protobuf does.
 *
 * @throws RangeError if the bytes are no message.
 */
export function readMessage(message: Uint8Array, { numbers = {}, bytes = {} }: WantedFields): void {
  try {
    const reader = new BinaryReader(message);
    while (reader.pos < reader.len) {
      const [field, type] = reader.tag();
      if (type === WireType.Varint && field in numbers) numbers[field](reader);
      else if (type === WireType.LengthDelimited && field in bytes) bytes[field](reader.bytes());
      else if (type === WireType.StartGroup || type === WireType.EndGroup) {
        throw new RangeError(`field ${field} is a group`);
      } else reader.skip(type, field);
    }
  } catch (cause) {
    throw new RangeError(`no protobuf message: ${(cause as Error).message}`, { cause });
  }
}

/**
 * Text as UTF-8; what is none becomes U+FFFD, since file names are any bytes. It is cut at the length
 * that a path can have: each mapping of a file repeats it.
 */
export function textOf(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes.subarray(0, 4 * LONGEST_NAME));
  return wellFormed(text.slice(0, LONGEST_NAME));
}

/**
 * The next number, exact.
 *
 * @throws RangeError if it is 2^53 or more.
 */
export function exactNumber(reader: BinaryReader): number {
  const value = Number(reader.uint64());
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError(`${value} is larger than any amount of pages, files or microseconds`);
}

/**
 * The page at the next number, which is an address.
 *
 * @throws RangeError if no page begins there.
 */
export function pageAt(reader: BinaryReader, pageSizeBytes: number): PageNumber {
  const address = BigInt(reader.uint64());
  const page = Number(address / BigInt(pageSizeBytes));
  if (address % BigInt(pageSizeBytes) === 0n && page < PAGE_NUMBER_LIMIT) return page;
  throw new RangeError(
    `address ${address.toString(16)} is not the beginning of a page of ${pageSizeBytes} bytes`,
  );
}

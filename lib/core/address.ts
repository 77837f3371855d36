/**
 * Addresses as text, exact over the whole 64-bit range.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { formatAddress, parseAddress } from "./address.ts";
 *
 * assert.equal(formatAddress(0x7ffff7ff2, 4096), "7ffff7ff2000");
 * assert.equal(parseAddress("0x7ffff7ff2abc", 4096), 0x7ffff7ff2);
 * ```
 *
 * @module
 */

import { ArgumentError } from "./errors.ts";
import type { PageNumber } from "./page_set.ts";

/** The address of a page as `/proc/PID/maps` prints it: hexadecimal, at least eight digits. */
export function formatAddress(page: PageNumber, pageSizeBytes: number): string {
  return (BigInt(page) * BigInt(pageSizeBytes)).toString(16).padStart(8, "0");
}

/**
 * The page that holds an address, or with `"up"` the first page that begins at it or later. Text is
 * hexadecimal, with or without `0x`.
 *
 * @throws ArgumentError if the address is not an integer from 0 to 2^64 - 1.
 */
export function parseAddress(
  address: string | number | bigint,
  pageSizeBytes: number,
  round: "down" | "up" = "down",
): PageNumber {
  let value: bigint;
  if (typeof address === "string") {
    if (!/^(0x)?[0-9a-f]{1,16}$/i.test(address)) {
      throw new ArgumentError(
        `Address ${JSON.stringify(address)} is not hexadecimal (7f00c0de0000)`,
      );
    }
    value = BigInt(address.replace(/^(0x)?/i, "0x"));
  } else if (typeof address === "number" && !Number.isSafeInteger(address)) {
    throw new ArgumentError(`Address ${address} is not exact; give it as text or as a bigint`);
  } else value = BigInt(address);
  if (value < 0n || value >= 1n << 64n) {
    throw new ArgumentError(`Address ${value} is not in 64 bits`);
  }
  const bytes = BigInt(pageSizeBytes);
  return Number((round === "up" ? value + bytes - 1n : value) / bytes);
}

/**
 * Opens a file of whatever version it is.
 *
 * @module
 */

import { TraceError } from "../core/errors.ts";
import { type Beginning, NewerVersionError, readBeginning } from "./beginning.ts";
import type { ByteSource } from "./byte_source.ts";
import { Store1 } from "./format1/store1.ts";
import { FORMAT_VERSION } from "./schema.ts";
import type { TraceStore } from "./store.ts";
import { Store2 } from "./store2.ts";

/**
 * Finds what a file holds.
 *
 * @param name what errors call it
 * @throws TraceError if the bytes are not a trace, its header is damaged, or this program is too old.
 */
export function openStore(source: ByteSource, name: string): TraceStore {
  return typed(name, () => {
    const beginning = readBeginning(source);
    if (beginning !== undefined) {
      return new Store2(source, beginning);
    }
    const store = new Store1(source);
    if (store.header.version > FORMAT_VERSION) throw new NewerVersionError(store.header.version);
    return store;
  });
}

/**
 * Reads the header; undefined if the file is of version 1.
 *
 * @throws TraceError as {@linkcode openStore} does.
 */
export function openBeginning(source: ByteSource, name: string): Beginning | undefined {
  return typed(name, () => readBeginning(source));
}

function typed<T>(name: string, open: () => T): T {
  try {
    return open();
  } catch (cause) {
    if (cause instanceof NewerVersionError) {
      throw new TraceError(
        "newer-version",
        name,
        `${name} has format version ${cause.version}; this program reads up to ${FORMAT_VERSION}`,
        "Update softdirty",
      );
    }
    if (!(cause instanceof RangeError)) throw cause;
    const message = `${name} is not a softdirty trace`;
    throw new TraceError("not-a-trace", name, message, cause.message, { cause });
  }
}

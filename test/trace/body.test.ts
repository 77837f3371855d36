import { beforeAll, expect, test } from "vitest";
import { decodeBody, encodeRecord, plainType } from "../../lib/trace/body.ts";
import { parseFrame } from "../../lib/trace/frame.ts";
import { RECORD_TYPES } from "../../lib/trace/schema.ts";
import { prepareCompression } from "../../lib/trace/zstd.ts";

beforeAll(prepareCompression);

test.each([[15, true], [17, false]])(
  "a list of %i MiB of names is read as it was written, compressed: %s",
  (mebibytes, isCompressed) => {
    // What shrinks too well is not compressed: each name begins with some text of its own.
    const own = (i: number) =>
      Array.from({ length: 128 }, (_, n) => ((i * 128 + n + 1) ** 3 * 7919 % 2 ** 40).toString(36));
    const name = (i: number) => own(i).join("").padEnd(1 << 16, "/");
    const value = [0, null, Array.from({ length: 16 * mebibytes }, (_, i) => [i, name(i)])];
    const bytes = encodeRecord(RECORD_TYPES.mappings, value);
    const { type, bodyOffset, lengthBytes } = parseFrame(bytes)!;
    expect(plainType(type)).toBe(RECORD_TYPES.mappings);
    expect(type !== plainType(type)).toBe(isCompressed);
    expect(decodeBody(type, bytes.subarray(bodyOffset, lengthBytes))).toEqual(value);
  },
);

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openByteSource } from "../../lib/files/source_file.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

describe("openByteSource()", () => {
  test("refuses a pipe at once instead of waiting for a writer", () => {
    const pipe = join(temporaryFolder(), "pipe");
    execFileSync("mkfifo", [pipe]);
    expect(() => openByteSource(pipe)).toThrow(/not a regular file/);
  });

  test("reads to the end of the file and no further", () => {
    const path = join(temporaryFolder(), "bytes");
    writeFileSync(path, "0123456789");
    const source = openByteSource(path);
    expect(String.fromCharCode(...source.read(7, 100))).toBe("789");
    expect(source.read(10, 5)).toHaveLength(0);
    source.close();
  });
});

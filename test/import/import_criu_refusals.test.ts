/** What `importCriu()` refuses: in words, and without a file. */

import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { ImportError, TrackingUnsupportedError } from "../../lib/core/errors.ts";
import { importCriu } from "../../lib/import/import_criu.ts";
import { openTrace } from "../../lib/session/sd.ts";
import { DRAWN, drawnChain } from "../helpers/criu_chain.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

let folder: string;
let output: string;
beforeEach(() => {
  folder = temporaryFolder();
  output = join(folder, "imported.sdtrace");
});

const snapshots = () => [...openTrace(output).snapshots];

describe("importCriu() refuses, and leaves no file,", () => {
  const refused = (folders: string[], error: RegExp, kind: unknown = ImportError) => {
    const attempt = () => importCriu(folders, output);
    expect(attempt).toThrow(error);
    expect(attempt).toThrow(kind as ErrorConstructor);
    expect(existsSync(output)).toBe(false);
  };

  test("a dump without a parent: nothing shows that anything was tracked", () => {
    const [first] = drawnChain(folder, DRAWN.slice(0, 1));
    refused(
      [first],
      /Nothing was left to a parent in this dump: .*--track-mem/,
      TrackingUnsupportedError,
    );
  });

  test("dumps in which nothing was written: that is no proof either", () => {
    const folders = drawnChain(folder, ["########", "........"]);
    refused(folders, /No page was written in any of these dumps/, TrackingUnsupportedError);
  });

  test("what is no dump, or not there", () => {
    refused([folder], /There is no pagemap-PID\.img in /);
    refused([join(folder, "missing")], /Cannot read .*missing: no such file or directory/);
    const file = join(folder, "file");
    writeFileSync(file, "");
    refused([file], /Cannot read .*file: not a directory/);
  });

  test("parents that go in a circle", () => {
    const [first, second] = drawnChain(folder, DRAWN.slice(0, 2));
    symlinkSync(second, join(first, "parent"));
    refused([second], /have no end/);
    rmSync(join(first, "parent"));
    symlinkSync(".", join(first, "parent"));
    refused([second], /have no end/);
    rmSync(join(first, "parent"));
    symlinkSync("parent", join(first, "parent"));
    refused([second], /The parent of .*dump-0 is not there/);
  });

  test("a chain of which the beginning was not copied", () => {
    const folders = drawnChain(folder, DRAWN);
    rmSync(folders[0], { recursive: true });
    refused([folders[2]], /The parent of .*dump-1 is not there.*list the dumps/);
    importCriu(folders.slice(1), output);
    expect(snapshots()).toHaveLength(2);
  });

  test("dumps that do not follow each other", () => {
    const [first, second, third] = drawnChain(folder, DRAWN);
    refused([first, third], /The parent of .*dump-2 is .*dump-1, and not .*dump-0/);
    refused([third, second, first], /The parent of/);
    refused([first, first], /is named twice/);
  });

  test("images that are damaged, too large, or no files", () => {
    const [first, second] = drawnChain(folder, DRAWN.slice(0, 2));
    const damaged = join(second, "pagemap-42.img");
    writeFileSync(damaged, "\x1b[31mred");
    refused([second], /Cannot read .*pagemap-42\.img as an image of CRIU: no pagemap image/);
    rmSync(damaged);
    mkdirSync(damaged);
    refused([second], /pagemap-42\.img: it is not an ordinary file/);
    rmSync(damaged, { recursive: true });
    symlinkSync("/dev/zero", damaged);
    refused([second], /it is not an ordinary file/);
    writeFileSync(join(first, "inventory.img"), new Uint8Array(2 ** 26 + 1));
    refused([second], /no more than 67108864 are read/);
  });

  test("a damaged image that is met only when the trace is being written", () => {
    const folders = drawnChain(folder, DRAWN);
    writeFileSync(join(folders[2], "mm-42.img"), "no image");
    refused([folders[2]], /mm-42\.img as an image of CRIU/);
  });

  test("to write over a file", () => {
    const folders = drawnChain(folder, DRAWN);
    importCriu(folders, output);
    expect(() => importCriu(folders, output)).toThrow(/already exists/);
    expect(snapshots()).toHaveLength(3);
  });
});

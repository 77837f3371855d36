import {
  closeSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { beforeEach, expect, test } from "vitest";
import { createTemporary, giveName, makeFolder } from "../../lib/files/new_file.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, "runs.parquet");
});

function written(): string {
  const { path: temporary, file } = createTemporary(path);
  writeSync(file, "whole");
  closeSync(file);
  return temporary;
}

test("a temporary file has another name each time, is hidden, and is its owner's alone", () => {
  const names = new Set(
    Array.from({ length: 50 }, () => createTemporary(path)).map((one) => {
      closeSync(one.file);
      expect(statSync(one.path).mode & 0o777).toBe(0o600);
      return one.path.slice(folder.length + 1);
    }),
  );
  expect(names.size).toBe(50);
  for (const name of names) {
    expect(name).toMatch(/^\.softdirty-[0-9a-f]{24}\.partial$/);
  }
});

test("it gets its name once it is whole, and nothing else is left", () => {
  giveName(written(), path);
  expect(readFileSync(path, "utf8")).toBe("whole");
  expect(readdirSync(folder)).toEqual(["runs.parquet"]);
});

test("a name that is taken, by a link to nowhere as well, is left as it is", () => {
  const victim = join(folder, "victim");
  symlinkSync(victim, path);
  expect(() => giveName(written(), path)).toThrow("file already exists");
  expect([existsSync(victim), lstatSync(path).isSymbolicLink()]).toEqual([false, true]);
  writeFileSync(victim, "as it was");
  expect(() => giveName(written(), path)).toThrow("file already exists");
  expect(readFileSync(victim, "utf8")).toBe("as it was");
});

test("folders are made for their owner alone, whatever the umask", () => {
  const before = process.umask(0);
  try {
    makeFolder(join(folder, "a/b"));
    const modes = ["a", "a/b"].map((name) => statSync(join(folder, name)).mode & 0o777);
    expect(modes).toEqual([0o700, 0o700]);
  } finally {
    process.umask(before);
  }
});

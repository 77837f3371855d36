/** What each entry point of the built package loads. */

import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** All files that an import of a built file loads, and the packages. */
function loadedBy(entry: string): { files: string[]; packages: string[] } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const load = (file: string) => {
    if (files.has(file)) return;
    files.add(file);
    const code = readFileSync(join(root, file), "utf8").replace(/\/\*[^]*?\*\//g, "");
    for (const [, name] of code.matchAll(/^(?:import|export) (?:[^;"=]*from )?"([^"]+)";$/gm)) {
      if (name.startsWith(".")) load(normalize(join(dirname(file), name)));
      else if (!name.startsWith("node:")) packages.add(name);
    }
  };
  load(entry);
  return { files: [...files], packages: [...packages].sort() };
}

const roomsOf = (files: readonly string[]) =>
  new Set(files.map((file) => /^dist\/lib\/(\w+)\//.exec(file)?.[1] ?? ""));

test("softdirty loads no code of the kernel, of reports or of the shell", () => {
  const { files, packages } = loadedBy("dist/mod.js");
  const rooms = ["", "analysis", "core", "files", "query", "session", "trace"];
  expect([...roomsOf(files)].sort()).toEqual(rooms);
  expect(packages).toEqual(["msgpackr", "re2js"]);
});

test("softdirty is a few files once it is put together", () => {
  const { files, packages } = loadedBy("dist/lib/bundle/softdirty.js");
  expect(files.length).toBeLessThanOrEqual(4);
  expect(packages).toEqual(["msgpackr", "re2js"]);
});

test("softdirty/text loads what prints, and nothing that opens files or processes", () => {
  const rooms = [...roomsOf(loadedBy("dist/lib/entry/text.js").files)];
  expect(rooms).toContain("report");
  expect(rooms.filter((room) => ["kernel", "files", "session", "repl"].includes(room))).toEqual([]);
});

test("softdirty/live loads the kernel room, and no room of the command", () => {
  const rooms = [...roomsOf(loadedBy("dist/lib/entry/live.js").files)];
  expect(rooms).toContain("kernel");
  expect(rooms.filter((room) => ["cli", "repl", "top", "tables", "exporter"].includes(room)))
    .toEqual([]);
});

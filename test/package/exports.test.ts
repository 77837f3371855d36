/**
 * The public names of each entry point, as `exports.txt` lists them: a name that goes, or one that comes,
 * is seen in review. UPDATE_GOLDENS=1 writes the list again.
 */

import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { expect, test } from "vitest";

const root = new URL("../../", import.meta.url);
const LIST = new URL("./exports.txt", import.meta.url);

const read = (path: string) => readFileSync(new URL(path, root), "utf8");
const entries = Object.entries<string>(JSON.parse(read("deno.json")).exports);

/** The names that an entry exports, sorted, with `type` before those that are nothing but a type. */
function exported(path: string): string[] {
  return [...read(path).matchAll(/^export (type )?\{(.*?)\}/gms)].flatMap(([, type = "", names]) =>
    names.split(",").map((name) => name.trim()).filter((name) => name !== "")
      .map((name) => `${type}${name}`.replace(/\w+ as /, ""))
  ).sort();
}

test("the public names are those of exports.txt", () => {
  const lists = entries.map(([name, path]) =>
    `${name.replace(".", "softdirty")}\n${exported(path).map((one) => `  ${one}\n`).join("")}`
  );
  const text = lists.join("\n");
  if (process.env.UPDATE_GOLDENS === "1") writeFileSync(LIST, text);
  expect(text).toBe(readFileSync(LIST, "utf8"));
});

test.each(entries)("the names of %s that are no types are those that an import gives", async (
  _,
  path,
) => {
  const values = exported(path).filter((name) => !name.startsWith("type "));
  expect(values.length).toBeGreaterThan(0);
  expect(values).toEqual(Object.keys(await import(new URL(path, root).href)).sort());
});

test("npm and JSR have the same entry points", () => {
  const { exports } = JSON.parse(read("package.json"));
  const { "./package.json": _, ...built } = exports;
  const expected = entries.map(([name, path]) => {
    const [, file, bundle = "softdirty"] = /^\.\/((?:lib\/entry\/(\w+))|\w+)\.ts$/.exec(path)!;
    return [name, {
      types: `./dist/${file}.d.ts`,
      default: `./dist/lib/bundle/${bundle}.js`,
    }];
  });
  expect(built).toEqual(Object.fromEntries(expected));
});

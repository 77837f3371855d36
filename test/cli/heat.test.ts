import { expect, test } from "vitest";
import { recordingFile } from "../helpers/recordings.ts";
import { softdirty } from "../helpers/softdirty.ts";

const file = recordingFile("redis");

test("heat gives the verdict first, then the map with its mappings, times and shades", async () => {
  const { exitCode, stdout } = await softdirty("heat", file);
  const lines = stdout.trimEnd().split("\n");
  expect(exitCode).toBe(0);
  expect(lines[0]).toBe(
    "redis-server (pid 106) has half of its dirty pages in 3.70 MiB of the 10.8 MiB that it " +
      "wrote to, in 24 windows",
  );
  expect(lines.filter((line) => line.length > 80)).toEqual([
    lines[0],
    lines[1],
    lines.at(-1),
  ]);
  expect(lines[1]).toMatch(/^whole 2 MiB can be huge pages/);
  expect(lines[4]).toMatch(/^[ .:=+*#%@-]{48} {2}5584d3b3[3-7]000 redis-check-rdb$/);
  expect(lines[27]).toMatch(/\[stack\]$/);
  expect(lines[28]).toMatch(/^1\.98 s +21\.0 s$/);
  expect(stdout).not.toContain("\x1b");
});

test("heat takes a size and an expression, and prints JSON and CSV", async () => {
  const small = await softdirty("heat", file, "--width", "60", "--height", "5");
  expect(small.stdout.split("\n").slice(4, 9).every((line) => /^.{24} {2}[0-9a-f]/.test(line)))
    .toBe(true);
  const stack = ["heat", file, "-e", 'mapping == "[stack]"'];
  const { rows, columns } = JSON.parse((await softdirty(...stack, "--json")).stdout);
  expect(rows.every(({ mapping }: { mapping: string }) => mapping === "[stack]")).toBe(true);
  expect(columns).toHaveLength(24);
  const csv = (await softdirty(...stack, "--csv")).stdout.trim().split("\r\n");
  expect(csv).toHaveLength(
    1 +
      rows.flatMap((row: { dirtyPages: number[] }) => row.dirtyPages.filter((pages) => pages > 0))
        .length,
  );
});

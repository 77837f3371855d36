/** `softdirty watch` of a process that knows nothing of it. */

import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { softdirty, start } from "../helpers/softdirty.ts";
import { LineProgram, targetPath } from "./lines.ts";
import { describeLive } from "./proven.ts";
import { PYTHON, startPython } from "./targets.ts";
import { withTarget } from "./with_target.ts";

/** Runs it until `use` has seen enough of its page, and returns how it ended. */
async function watching(
  pid: number,
  args: readonly string[],
  use: (scrape: () => Promise<Map<string, number>>, exit: Promise<unknown>) => Promise<void>,
): Promise<number | null> {
  const child = start([
    ...["watch", "--openmetrics", "127.0.0.1:0", "-p", String(pid), "--tracker", "uffd-wp"],
    ...args,
  ]);
  const exit = new Promise<number | null>((resolve) => child.once("exit", resolve));
  try {
    const [line] = await Promise.race([
      createInterface({ input: child.stderr! })[Symbol.asyncIterator]().next().then((
        one,
      ) => [one.value]),
      exit.then((code) => [`ended with ${code}`]),
    ]);
    const [url] = /http:\S+\/metrics/.exec(line)!;
    await use(async () => {
      const page = await (await fetch(url)).text();
      const values = page.split("\n").filter((one) => one !== "" && !one.startsWith("#"));
      return new Map(values.map((one) => {
        const [, name, value] = /^(\w+)(?:\{.*\})? (\S+)$/.exec(one)!;
        return [name, Number(value)];
      }));
    }, exit);
  } finally {
    try {
      // Not child.kill(): Deno reports it as if it had ended the child.
      process.kill(child.pid!, "SIGINT");
    } catch {
      // It has ended by itself.
    }
  }
  return await exit;
}

describeLive("watch", () => {
  test("serves what a process writes, and lets it go when it ends", async () => {
    await withTarget(
      () => Promise.resolve(new LineProgram([PYTHON, targetPath("writing.py")])),
      async ({ pid }) => {
        const code = await watching(pid, ["-i", "100ms"], async (scrape) => {
          let page = await scrape();
          while ((page.get("softdirty_windows_total") ?? 0) < 3) {
            await sleep(50);
            page = await scrape();
          }
          expect(page.get("softdirty_processes")).toBe(1);
          expect(page.get("softdirty_dirty_bytes_total")).toBeGreaterThan(3 * 4096);
          expect(page.get("softdirty_working_set_bytes")).toBeGreaterThan(0);
          expect(page.get("softdirty_target_cost_seconds_total")).toBeGreaterThan(0);
          expect(page.get("softdirty_last_read_timestamp_seconds")).toBeGreaterThan(
            Date.now() / 1e3 - 30,
          );
        });
        expect(code).toBe(0);
        // Nothing is left that would keep another one out.
        const look = ["top", "-p", String(pid), "--tracker", "uffd-wp", "-i", "50ms"];
        const { stdout } = await softdirty(...look, "--once", "--json");
        expect(JSON.parse(stdout)).toMatchObject({ untrackedBytes: 0 });
      },
    );
  });

  test("waits longer where tracking would cost more than its budget", async () => {
    await withTarget(
      () => Promise.resolve(new LineProgram([PYTHON, targetPath("writing.py")])),
      async ({ pid }) => {
        const args = ["-i", "20ms", "--budget", "0.5%"];
        await watching(pid, args, async (scrape) => {
          let page = await scrape();
          while ((page.get("softdirty_windows_total") ?? 0) < 8) {
            await sleep(50);
            page = await scrape();
          }
          expect(page.get("softdirty_wanted_wait_seconds")).toBe(0.02);
          expect(page.get("softdirty_wait_seconds")).toBeGreaterThan(0.03);
        });
      },
    );
  });

  test("ends when the process does", async () => {
    await withTarget(() => startPython(), async (target) => {
      const code = await watching(target.pid, ["-i", "50ms"], async (scrape, exit) => {
        while (!(await scrape()).get("softdirty_processes")) await sleep(20);
        await target.end();
        await exit;
        await expect(scrape()).rejects.toThrow();
      });
      expect(code).toBe(0);
    });
  });
});

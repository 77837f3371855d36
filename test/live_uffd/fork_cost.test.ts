/** The forecast of what a fork costs, against what a fork of redis-server cost by its own account. */

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { planForks } from "../../lib/analysis/planners/fork.ts";
import { openTrace } from "../../lib/session/sd.ts";
import { softdirty } from "../helpers/softdirty.ts";
import { describeUnless } from "./proven.ts";
import { lackOf, REDIS } from "./targets.ts";

const execute = promisify(execFile);

const KEYS = 200_000;
const WRITES_PER_SECOND = 5000;
/** How far the forecast may be off. */
const TOLERANCE = 0.15;

describeUnless(lackOf(REDIS))("the forecast of a fork of redis-server", () => {
  test("is within 15 % of the copy-on-write memory that redis counts after BGSAVE", async () => {
    const folder = mkdtempSync(join(tmpdir(), "softdirty-fork-"));
    const socket = join(folder, "socket");
    let server: ChildProcess | undefined;
    let stopLoad = () => {};
    const ask = async (...words: string[]) =>
      (await execute("redis-cli", ["-s", socket, ...words])).stdout;
    const info = async (field: string) =>
      new RegExp(`^${field}:(.*)\r$`, "m").exec(await ask("info"))?.[1];
    try {
      const options = ["--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no"];
      // A pause at each tenth key, so that it takes some seconds.
      const slowly = ["--rdb-key-save-delay", "-10"];
      server = spawn(REDIS, [...options, ...slowly, "--dir", folder], { stdio: "ignore" });
      while (!await ask("ping").catch(() => undefined)) await sleep(50);
      const fill = ["-t", "set", "-r", String(KEYS), "-d", "200", "-n", String(KEYS * 3)];
      await execute("redis-benchmark", ["-s", socket, ...fill, "-P", "16", "-q"]);
      stopLoad = startLoad(socket);
      await sleep(500);

      const file = join(folder, "a.sdtrace");
      const recording = await softdirty(
        ...["record", "-p", String(server.pid), "--tracker", "uffd-wp", "--explain"],
        ...["-i", "200ms", "-d", "8s", "-o", file],
      );
      expect(recording.exitCode).toBe(0);

      const started = performance.now();
      await ask("bgsave");
      while (await info("rdb_bgsave_in_progress") === "1") await sleep(20);
      const durationNs = (performance.now() - started) * 1e6;
      const counted = Number(await info("rdb_last_cow_size"));

      const [plan] = planForks(openTrace(file).snapshots, { durationNs });
      const forecast = plan.meanPages! * plan.pageSizeBytes;
      console.log(
        `BGSAVE of ${(durationNs / 1e9).toFixed(2)} s: forecast ${forecast / 2 ** 20} MiB, ` +
          `redis counts ${counted / 2 ** 20} MiB of ${plan.privatePages / 256} MiB`,
      );
      expect(plan.durationNs).toBe(durationNs);
      // Far from nothing, and from all that there is: else it would be easy.
      expect(counted / plan.pageSizeBytes).toBeGreaterThan(plan.privatePages * 0.1);
      expect(counted / plan.pageSizeBytes).toBeLessThan(plan.privatePages * 0.9);
      expect(Math.abs(forecast / counted - 1)).toBeLessThan(TOLERANCE);
    } finally {
      stopLoad();
      server?.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** Writes to keys at random, and as many a second with and without a recorder or a child beside it. */
function startLoad(path: string): () => void {
  const socket = connect(path).resume();
  const value = "x".repeat(200);
  const startMs = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    let batch = "";
    for (const due = (performance.now() - startMs) / 1000 * WRITES_PER_SECOND; sent < due; sent++) {
      const key = String(Math.floor(Math.random() * KEYS)).padStart(12, "0");
      batch += `*3\r\n$3\r\nSET\r\n$16\r\nkey:${key}\r\n$200\r\n${value}\r\n`;
    }
    socket.write(batch);
  }, 10);
  return () => {
    clearInterval(timer);
    socket.destroy();
  };
}

/**
 * Tracks a node server under load with `session.mjs`: `live.ts TRACE`. Needs a kernel that tracks.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const path = (file: string) => fileURLToPath(new URL(`../../${file}`, import.meta.url));
const node = (...args: string[]) => spawn("node", args, { stdio: "inherit" });
const serverProgram = path("recordings/programs/server.mjs");

/** Resolves when the server answers. */
async function answers(): Promise<void> {
  for (let i = 0; i < 100; i++) {
    try {
      await fetch("http://127.0.0.1:8080/");
      return;
    } catch {
      await sleep(100);
    }
  }
  throw new Error("The server of the demo does not answer on port 8080");
}

const started: ChildProcess[] = [];
try {
  const server = node(serverProgram, "serve");
  started.push(server);
  await answers();
  started.push(node(serverProgram, "ask"));
  await sleep(500);
  const session = path("scripts/demo/session.mjs");
  const command = path("dist/lib/bundle/main.js");
  const run = node(command, "run", "-p", String(server.pid), "-o", process.argv[2], session);
  const [exitCode] = await once(run, "exit");
  process.exitCode = exitCode;
} finally {
  for (const child of started) child.kill();
}

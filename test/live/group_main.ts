/**
 * A small container: a process and its children, which share memory and have memory of their own. On each
 * line of standard input, all of them write to pages that they know, and the first answers.
 *
 * Arguments: a file to share, of which each process also maps a private part; the number of this process;
 * how many children it has.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { denoProgram } from "../helpers/deno_program.ts";
import { OWN_PAGES, ownPages, SHARED_PAGES, sharedPages } from "./group_pages.ts";

const PAGE = 4096;
const PROT_READ_WRITE = 3;
const [MAP_SHARED, MAP_PRIVATE] = [1, 2];

const [file, number, childCount] = [process.argv[2], +process.argv[3], +process.argv[4]];

const koffi = createRequire(import.meta.url)("koffi") as typeof import("koffi");
const mmap = koffi.load(null).func(
  "intptr_t mmap(intptr_t a, size_t n, int prot, int flags, int fd, int64_t o)",
);

function mapped(path: string, pageCount: number, flags: number): number {
  const fd = openSync(path, "r+");
  const address = mmap(0, pageCount * PAGE, PROT_READ_WRITE, flags, fd, 0);
  closeSync(fd);
  if (address === -1) throw new Error(`mmap failed: errno ${koffi.errno()}`);
  return address;
}

// Two mappings of the same memory: each page is written through one of them.
const views = [0, 1].map(() => mapped(file, SHARED_PAGES, MAP_SHARED));
const own = mapped(`${file}.own`, OWN_PAGES, MAP_PRIVATE);
const touch = (base: number, page: number) =>
  new Uint8Array(koffi.view(base + page * PAGE, 1))[0]++;

function write(): void {
  for (const page of sharedPages(number)) touch(views[page % 2], page);
  for (const page of ownPages(number)) touch(own, page);
}

const children = Array.from({ length: childCount }, (_, i) => {
  const command = ["run", "-A", fileURLToPath(import.meta.url), file, String(i + 1), "0"];
  const child = spawn(denoProgram(), command, { stdio: ["pipe", "pipe", "inherit"] });
  return { child, answers: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
});

/** Has all children answer a line. */
async function askChildren(line: string): Promise<void> {
  for (const { child } of children) child.stdin.write(`${line}\n`);
  for (const { answers } of children) await answers.next();
}

for await (const line of createInterface({ input: process.stdin })) {
  await askChildren(line);
  if (line === "write") write();
  console.log("done");
}
for (const { child } of children) child.stdin.end();

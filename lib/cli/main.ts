#!/usr/bin/env node
/**
 * The `softdirty` command. Exit codes: 0 done, 1 failed, 2 wrong usage.
 *
 * @module
 */

import { VERSION } from "../core/version.ts";

const args = process.argv.slice(2);
// What is asked for most often by other programs takes no more than the runtime itself.
if (args.length === 1 && ["--version", "-V"].includes(args[0])) {
  process.stdout.write(`${VERSION}\n`);
} else await (await import("./program.ts")).run(args);

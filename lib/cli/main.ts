#!/usr/bin/env node
/**
 * The `softdirty` command. Exit codes: 0 done, 1 failed, 2 wrong usage.
 *
 * @module
 */

import { VERSION } from "../core/version.ts";

// Deno spends longer on making Node's `process` than on starting.
const args = (globalThis as { Deno?: { args: string[] } }).Deno?.args ?? process.argv.slice(2);
// Not a literal: Deno loads all modules that a literal leads to before it runs this one. A template that
// begins with a relative path is one that `deno publish` can check.
const extension: string = ".ts";

// What is asked for most often by other programs takes no more than the runtime itself.
if (args.length === 1 && ["--version", "-V"].includes(args[0])) console.log(VERSION);
else await (await import(`./program${extension}`)).run(args);

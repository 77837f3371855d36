/**
 * What all races share: compiled peers, and our side under either runtime.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { HelperProcess } from "./helper_process.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const SOURCE = new URL("../../lib/", import.meta.url).href;
const BUILT = new URL("../../dist/lib/", import.meta.url).href;

/** The runtimes that our side runs under. */
export const RUNTIMES = ["Deno", "Node"] as const;

/** A folder with the compiled peers. */
export class Contest {
  readonly #folder = mkdtempSync(join(tmpdir(), "softdirty-bench-"));

  /** Compiles a peer of `peers/` and starts it. */
  peer(name: string, ...args: readonly (string | number)[]): HelperProcess {
    const program = join(this.#folder, name);
    execFileSync("cc", ["-O2", "-o", program, here(`./peers/${name}.c`)]);
    return new HelperProcess(program, args.map(String));
  }

  /** Starts a peer of `peers/` in Python. */
  pythonPeer(name: string, ...args: readonly (string | number)[]): HelperProcess {
    return new HelperProcess("python3", [here(`./peers/${name}.py`), ...args.map(String)]);
  }

  /** Starts our side, which is to look at a process, or at a trace. */
  ours(
    runtime: typeof RUNTIMES[number],
    pid: number,
    trace = join(this.#folder, `${runtime}-${pid}.sdtrace`),
  ): HelperProcess {
    const contender = here("./contender.mjs");
    const args = [contender, String(pid)];
    return runtime === "Deno"
      ? new HelperProcess(process.execPath, ["run", "-A", ...args, SOURCE, "ts", trace])
      : new HelperProcess("node", [...args, BUILT, "js", trace]);
  }

  /** Removes the folder. */
  close(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

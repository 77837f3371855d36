import { accessSync, constants, existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import { AMD64 } from "./architectures.ts";
import { runTool } from "./run_tool.ts";
import { VmError } from "./vm_error.ts";

/** Finds an executable by name on PATH (and in the sbin folders), or by path; undefined if none. */
export function findProgram(nameOrPath: string): string | undefined {
  const folders = `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`.split(delimiter);
  const candidates = nameOrPath.includes("/")
    ? [resolve(nameOrPath)]
    : folders.filter(isAbsolute).map((folder) => join(folder, nameOrPath));
  return candidates.find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The Deno binary that npm installed: the real one, not the script that starts it. */
export function npmDenoBinary(nodeModules: string, { npmCpu } = AMD64): string {
  const candidates = [`@deno/linux-${npmCpu}-glibc/deno`, "deno/deno"];
  const found = candidates.map((path) => join(nodeModules, path)).find(existsSync);
  if (found) return realpathSync(found);
  throw new VmError(`no Deno binary in ${nodeModules}; run: npm ci`);
}

/** The `node` on PATH, followed to the binary itself. */
export function nodeBinary(): string {
  const found = findProgram("node");
  if (found && isElf(realpathSync(found))) return realpathSync(found);
  throw new VmError(
    found
      ? `${found} is a script and not the node binary; put node's own bin folder first on PATH`
      : "node is not on PATH; install Node 20 or newer",
  );
}

function isElf(path: string): boolean {
  return readFileSync(path).subarray(0, 4).toString("latin1") === "\x7fELF";
}

/** The shared libraries that a dynamic executable loads, and its loader, as ldd finds them here. */
export async function librariesOf(executable: string, signal?: AbortSignal): Promise<string[]> {
  const listed = await runTool("ldd", [executable], { signal }).catch((error) => {
    if (/not a dynamic executable|statically linked/.test(error.message)) return "";
    throw error;
  });
  const missing = /^\s*(\S+) => not found/m.exec(listed)?.[1];
  if (missing) throw new VmError(`${executable} needs ${missing}, which this machine lacks`);
  return [...listed.matchAll(/(?:=>\s+|^\s+)(\/\S+)/gm)].map(([, path]) => path);
}

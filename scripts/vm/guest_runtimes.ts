import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Architecture } from "./architectures.ts";
import { cached } from "./cache.ts";
import { nodeBinary, npmDenoBinary } from "./host_programs.ts";
import { runTool } from "./run_tool.ts";
import { VmError } from "./vm_error.ts";

/** Paths on the host of what a guest runs. */
export interface GuestRuntimes {
  readonly nodeModules: string;
  readonly deno: string;
  readonly node: string;
}

/** How {@link guestRuntimes} is watched. */
export interface GuestRuntimesOptions {
  readonly onProgress?: ((message: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The checkout's own node_modules and the host's runtimes; for a foreign architecture the same
 * versions of all, from npm.
 *
 * @throws {VmError} when something of it is missing.
 */
export async function guestRuntimes(
  checkout: string,
  architecture: Architecture,
  options: GuestRuntimesOptions = {},
): Promise<GuestRuntimes> {
  if (architecture.foreign) {
    const folder = await foreignModules(checkout, architecture, architecture.foreign.node, options);
    const nodeModules = join(folder, "node_modules");
    const deno = npmDenoBinary(nodeModules, architecture);
    return { nodeModules, deno, node: join(folder, "package", "bin", "node") };
  }
  const nodeModules = realpathSync(join(checkout, "node_modules"));
  return { nodeModules, deno: npmDenoBinary(nodeModules, architecture), node: nodeBinary() };
}

/** Installs what the lock file pins as npm would on a machine of `architecture`, into the cache. */
async function foreignModules(
  checkout: string,
  architecture: Architecture,
  nodePackage: string,
  { onProgress, signal }: GuestRuntimesOptions,
): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify([architecture.name, nodePackage]));
  const lists = new Map<string, Uint8Array>();
  for (const name of ["package.json", "package-lock.json", ".npmrc"]) {
    const bytes = await readFile(join(checkout, name)).catch(() => undefined);
    if (bytes) lists.set(name, bytes);
  }
  for (const [name, bytes] of lists) hash.update(name).update(bytes);
  return await cached(join("npm", hash.digest("hex").slice(0, 24)), async (folder) => {
    onProgress?.(`downloading ${nodePackage}, Deno and node_modules for ${architecture.name}`);
    await mkdir(folder);
    const npm = async (...args: string[]) => {
      // --prefix: an npm that runs us names the checkout in our environment.
      await runTool("npm", [...args, "--prefix", folder, "--loglevel=error"], {
        cwd: folder,
        signal,
      });
    };
    for (const [name, bytes] of lists) await writeFile(join(folder, name), bytes);
    const platform = ["--os", "linux", "--cpu", architecture.npmCpu, "--libc", "glibc"];
    await npm("ci", ...platform, "--ignore-scripts", "--no-audit", "--no-fund");
    await npm("pack", nodePackage, "--pack-destination", folder); // install would refuse its cpu
    const [name, version] = nodePackage.split("@");
    const packed = join(folder, `${name}-${version}.tgz`);
    await runTool("tar", ["-xzf", packed, "-C", folder, "package/bin/node"], { signal });
    await rm(packed);
  }).catch((cause) => {
    if (!(cause instanceof VmError)) throw cause;
    throw new VmError(`cannot get the guest's packages from npm: ${cause.message}`, { cause });
  });
}

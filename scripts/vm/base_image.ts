import { createHash } from "node:crypto";
import { chmod, copyFile, cp, link, mkdir, readFile, rm, stat, symlink } from "node:fs/promises";
import { constants, existsSync, readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { machineSources, unpack, withApt } from "./apt.ts";
import { AMD64, type Architecture } from "./architectures.ts";
import { cached, prune, withCacheFolder } from "./cache.ts";
import { guestRuntimes } from "./guest_runtimes.ts";
import { findProgram, librariesOf } from "./host_programs.ts";
import { GUEST_CHECKOUT, initScript } from "./init.ts";
import { PARTITION_START_BYTES, writePartitionTable } from "./partition_table.ts";
import { runTool } from "./run_tool.ts";
import { VmError } from "./vm_error.ts";

/** What goes into the guest's root besides the checkout. */
export interface BaseImageOptions {
  readonly architecture: Architecture;
  /** The checkout on the host whose node_modules the guest gets. */
  readonly checkout: string;
  /** More executables of the host, by name or path. */
  readonly programs: readonly string[];
  /** Debian packages of the machine's own release, unpacked with all that they depend on. */
  readonly packages: readonly string[];
  readonly onProgress?: ((message: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Room in the guest's root for what a command writes; sparse, so it costs the host nothing. */
const FREE_MIB = 1024;

const BUSYBOX = "busybox-static";

/** Rises when the bare root below the packages changes. */
const SKELETON_VERSION = 1;

/** Left out of the guest's node_modules: caches, the compiler, and Deno, which is put in once. */
const LEFT_OUT =
  /^(\.vite|\.vite-temp|\.cache|typescript|@typescript\/.*|deno\/deno|@deno\/[^/]+\/deno)$/;

/**
 * Returns the guest's root as an ext4 image on the host, from the cache or newly built.
 *
 * Why a disk and not an initramfs: measured with the same 245 MB of Deno, Node and node_modules,
 * the guest reaches its command about 3.5 s sooner (4.8 s against 8.5 s on 6.1), because it reads
 * only the blocks it uses. The cloud kernels have NVMe and ext4 built in, so no module is loaded.
 *
 * @throws {VmError} when a program or package is missing.
 */
export async function baseImage(options: BaseImageOptions): Promise<string> {
  const { architecture } = options;
  const { nodeModules, deno, node } = await guestRuntimes(options.checkout, architecture, options);
  const programs = [deno, node];
  for (const name of options.programs) {
    if (architecture.foreign) {
      throw new VmError(`--with ${name}: this machine's own do not run on ${architecture.name}`);
    }
    const path = findProgram(name);
    if (!path) throw new VmError(`--with ${name}: no such executable on PATH`);
    programs.push(path);
  }
  const libraries = architecture.foreign?.libraries ?? [];
  const packages = [...new Set([BUSYBOX, ...libraries, ...options.packages])].sort();
  const key = await imageKey(architecture, nodeModules, programs, packages);
  return await cached(join("images", `${key}.ext4`), async (image) => {
    for (const [name, days] of Object.entries({ images: 7, packages: 60, npm: 60, tmp: 1 })) {
      await prune(name, days);
    }
    const unpacked = await unpackedPackages(packages, options);
    options.onProgress?.("building the guest's root image (cached for the next time)");
    await withCacheFolder(async (folder) => {
      const root = join(folder, "root");
      await cp(unpacked, root, { recursive: true, verbatimSymlinks: true });
      await writeFile(join(root, "usr/sbin/vm-init"), initScript(architecture), { mode: 0o755 });
      for (const place of ["home/user", "var/tmp"]) await chmod(join(root, place), 0o1777);
      for (const path of programs.slice(1)) await addProgram(root, path);
      await addNodeModules(root, nodeModules, deno);
      // The host's own libraries come last: its loader and C library must match each other.
      if (!architecture.foreign) {
        for (const path of programs) await addLibraries(root, path, options.signal);
      }
      await makeImage(root, image, options.signal);
    });
  });
}

/** Changes when anything does that goes into the image. */
async function imageKey(
  architecture: Architecture,
  nodeModules: string,
  programs: readonly string[],
  packages: readonly string[],
): Promise<string> {
  const hash = createHash("sha256");
  hash.update(JSON.stringify([initScript(architecture), LEFT_OUT.source, FREE_MIB, packages]));
  for (const path of programs) {
    const { size, mtimeMs } = await stat(path);
    // npm gives its files a new time with each install; its record below says which version it is.
    const time = path.startsWith(nodeModules) ? 0 : mtimeMs;
    hash.update(JSON.stringify([basename(path), size, time]));
  }
  // npm's own record of what it put into node_modules, which the lock file only asks for.
  hash.update(await readFile(join(nodeModules, ".package-lock.json")).catch(() => ""));
  return hash.digest("hex").slice(0, 24);
}

/** The packages in a bare root, cached apart from the image, which changes more often. */
async function unpackedPackages(
  packages: readonly string[],
  options: Pick<BaseImageOptions, "architecture" | "onProgress" | "signal">,
): Promise<string> {
  const { architecture, signal } = options;
  const release = (await readFile("/etc/os-release", "utf8").catch(() => "")) + SKELETON_VERSION;
  const key = createHash("sha256")
    .update(JSON.stringify([release, architecture.name, packages])).digest("hex");
  return await cached(join("packages", key.slice(0, 24)), async (root) => {
    options.onProgress?.(`downloading ${packages.join(", ")} for ${architecture.name}`);
    await makeSkeleton(root);
    await withApt(await machineSources(), architecture, signal, async (apt) => {
      const debs = await apt.downloadWithDependencies(packages);
      for (const deb of debs) await unpack(deb, root, signal);
    });
    // A foreign busybox cannot be asked for its tools here; they are those of the host's kind.
    const runnable = architecture.foreign
      ? await unpackedPackages([BUSYBOX], { ...options, architecture: AMD64 })
      : root;
    await addBusyboxLinks(root, join(runnable, "bin/busybox"));
  });
}

/** A merged /usr, as Debian has it, and the few files that programs expect. */
async function makeSkeleton(root: string): Promise<void> {
  const folders = ["usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "usr/local/bin", "etc", "proc"];
  folders.push("sys", "dev", "tmp", "run", "root", "home/user", "var/tmp");
  for (const folder of folders) await mkdir(join(root, folder), { recursive: true });
  for (const name of ["bin", "sbin", "lib", "lib64"]) {
    await symlink(`usr/${name}`, join(root, name));
  }
  await writeFile(
    join(root, "etc/passwd"),
    "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/home/user:/bin/sh\n",
  );
  await writeFile(join(root, "etc/group"), "root:x:0:\nuser:x:1000:\n");
  await writeFile(join(root, "etc/hosts"), "127.0.0.1 localhost softdirty-vm\n::1 localhost\n");
}

/** A link for each of busybox's tools where no package has put a tool of that name. */
async function addBusyboxLinks(root: string, busybox: string): Promise<void> {
  const listed = await runTool(busybox, ["--list"]);
  for (const name of listed.split("\n").filter(Boolean)) {
    const places = ["usr/bin", "usr/sbin"].map((folder) => join(root, folder, name));
    if (!places.some((path) => existsSync(path))) await symlink("busybox", places[0]);
  }
}

async function addProgram(root: string, path: string): Promise<void> {
  await copyFollowed(path, join(root, "usr/local/bin", basename(path)));
}

async function addLibraries(root: string, path: string, signal?: AbortSignal): Promise<void> {
  for (const library of await librariesOf(path, signal)) {
    await copyFollowed(library, join(root, library));
  }
}

async function copyFollowed(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await rm(to, { force: true }); // a package's own link there may lead out of the guest's root
  await copyFile(from, to, constants.COPYFILE_FICLONE);
}

/** node_modules with one Deno binary, where npm's launcher looks, and on PATH. */
async function addNodeModules(
  root: string,
  nodeModules: string,
  deno: string,
): Promise<void> {
  const target = join(root, GUEST_CHECKOUT, "node_modules");
  await cp(nodeModules, target, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !LEFT_OUT.test(relative(nodeModules, path)),
  });
  await chmod(target, 0o1777); // vitest keeps its results below it, also as an ordinary user
  await copyFollowed(deno, join(target, "deno/deno"));
  for (const scope of readdirSync(join(target, "@deno"))) {
    await link(join(target, "deno/deno"), join(target, "@deno", scope, "deno"));
  }
  await symlink(`${GUEST_CHECKOUT}/node_modules/deno/deno`, join(root, "usr/local/bin/deno"));
}

async function makeImage(root: string, image: string, signal?: AbortSignal): Promise<void> {
  const usedMib = parseInt(await runTool("du", ["-sm", "--apparent-size", root], { signal }));
  const sizeMib = Math.ceil(usedMib * 1.1) + FREE_MIB;
  // No journal: what the guest writes is thrown away. Lazy tables keep the image sparse.
  const flags = ["-q", "-F", "-t", "ext4", "-O", "^has_journal", "-m", "0"];
  flags.push("-E", `lazy_itable_init=1,offset=${PARTITION_START_BYTES}`);
  const mke2fs = findProgram("mke2fs") ?? "mke2fs";
  await runTool("truncate", ["-s", `${sizeMib + 1}M`, image], { signal });
  await runTool(mke2fs, [...flags, "-d", root, image, `${sizeMib}M`], { signal });
  await writePartitionTable(image);
}

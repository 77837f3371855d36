import { cp, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Apt, type AptSource, machineSources, unpack, withApt } from "./apt.ts";
import { AMD64, type Architecture } from "./architectures.ts";
import { cached, cacheRoot, withCacheFolder } from "./cache.ts";
import { VmError } from "./vm_error.ts";

/** A kernel that is ready to boot. */
export interface Kernel {
  /** As `uname -r` says it, for example `6.1.0-50-cloud-amd64`. */
  readonly release: string;
  /** The Debian version of its package, for example `6.1.176-1`. */
  readonly version: string;
  /** Path of the compressed kernel image on the host. */
  readonly vmlinuz: string;
}

/** Options of {@link findKernel}. */
export interface FindKernelOptions {
  /** The processor architecture of the guest; amd64 by default. */
  readonly architecture?: Architecture | undefined;
  /** The base URI of a Debian mirror; without it, that of the machine's own apt sources. */
  readonly mirror?: string | undefined;
  /** Asks the mirror for a newer version, even if a kernel of the series is cached. */
  readonly refresh?: boolean | undefined;
  readonly onProgress?: ((message: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const DEBIAN_SUITE = /^(bullseye|bookworm|trixie|forky|duke|(old)*stable|testing|sid)$/;

/** The package that depends on a suite's newest cloud kernel. */
export function metaPackage({ name }: Architecture): string {
  return `linux-image-cloud-${name}`;
}

/** The Debian suites that may hold a kernel series, the likeliest first. */
export function suitesOfSeries(series: string): readonly string[] {
  if (series === "6.1") return ["bookworm"];
  if (series === "6.12") return ["trixie", "bookworm-backports"];
  return ["trixie-backports", "forky", "sid"];
}

/**
 * Finds Debian's newest cloud kernel of a series such as `6.1`: the cached one, which needs no
 * network, or else the mirror's, downloaded and unpacked but never installed.
 *
 * @throws {VmError} when no suite has the series any more; the message says what they have.
 */
export async function findKernel(
  series: string,
  options: FindKernelOptions = {},
): Promise<Kernel> {
  if (!/^\d+\.\d+$/.test(series)) {
    throw new VmError(`--kernel takes a series such as 6.1, 6.12 or 7.3, and not ${series}`);
  }
  const architecture = options.architecture ?? AMD64;
  const cache = join("kernels", architecture.name, series);
  const kept = options.refresh ? undefined : await cachedKernel(cache);
  if (kept) return kept;
  options.onProgress?.(`looking for Debian's newest ${series} kernel for ${architecture.name}`);
  const meta = metaPackage(architecture);
  const uri = options.mirror ?? await machineMirror();
  const found: string[] = [];
  for (const suite of suitesOfSeries(series)) {
    const source: AptSource = { uri, suite };
    const kernel = await withApt([source], architecture, options.signal, async (apt) => {
      const offered = await apt.versions(meta);
      found.push(`${suite} has ${offered.map(({ version }) => version).join(", ") || "none"}`);
      const match = offered.find(({ version }) => version.startsWith(`${series}.`));
      if (!match) return undefined;
      const image = match.depends.find((name) => /^linux-image-\d/.test(name));
      if (!image) throw new VmError(`${meta} ${match.version} names no kernel image`);
      return await fetchKernel(apt, cache, match.version, image, options);
    }).catch((error) => {
      if (!(error instanceof VmError)) throw error;
      found.push(error.message);
    });
    if (kernel) return kernel;
  }
  throw new VmError(
    `found no ${series} kernel for ${architecture.name}:\n  ${found.join("\n  ")}\n` +
      "choose a series that is there (--kernel), or another mirror (--mirror URI)",
  );
}

async function fetchKernel(
  apt: Apt,
  cache: string,
  version: string,
  image: string,
  options: FindKernelOptions,
): Promise<Kernel> {
  const folder = await cached(join(cache, version), async (entry) => {
    // From 7.x on the image package only points to packages of which linux-binary-* alone boots.
    const parts = (await apt.versions(image))[0]?.depends ?? [];
    const binary = parts.find((name) => name.startsWith("linux-binary-")) ?? image;
    options.onProgress?.(`downloading ${binary} ${version}`);
    const [deb] = await apt.download([binary]);
    await withCacheFolder(async (root) => {
      await unpack(deb, root, options.signal);
      const { path, release } = await findImage(root);
      await mkdir(entry);
      await cp(path, join(entry, "vmlinuz"));
      await writeFile(join(entry, "kernel.json"), JSON.stringify({ release, version }));
    });
  });
  return await readKernel(folder);
}

/** Debian has kept its images in /boot, and keeps newer ones beside their modules. */
async function findImage(root: string): Promise<{ path: string; release: string }> {
  for (const name of await readdir(join(root, "boot")).catch(() => [])) {
    const release = /^vmlinuz-(.+)$/.exec(name)?.[1];
    if (release) return { path: join(root, "boot", name), release };
  }
  const modules = join(root, "usr/lib/modules");
  for (const release of await readdir(modules).catch(() => [])) {
    const path = join(modules, release, "vmlinuz");
    if (await stat(path).then(() => true, () => false)) return { path, release };
  }
  throw new VmError(
    "the kernel's package holds no vmlinuz, neither in /boot nor in /usr/lib/modules",
  );
}

async function cachedKernel(cache: string): Promise<Kernel | undefined> {
  const folder = join(cacheRoot(), cache);
  const kernels = await Promise.all(
    (await readdir(folder).catch(() => [])).map(async (version) => ({
      path: join(folder, version),
      fetchedMs: (await stat(join(folder, version, "kernel.json"))).mtimeMs,
    })),
  );
  const newest = kernels.sort((a, b) => b.fetchedMs - a.fetchedMs)[0];
  return newest && await readKernel(newest.path);
}

async function readKernel(folder: string): Promise<Kernel> {
  const { release, version } = JSON.parse(await readFile(join(folder, "kernel.json"), "utf8"));
  return { release, version, vmlinuz: join(folder, "vmlinuz") };
}

async function machineMirror(): Promise<string> {
  const source = (await machineSources()).find(({ suite }) => DEBIAN_SUITE.test(suite));
  if (source) return source.uri;
  throw new VmError(
    "this machine's apt sources name no Debian mirror; give one that has Debian's suites: --mirror URI",
  );
}

import { userInfo } from "node:os";
import { findProgram } from "./host_programs.ts";
import { runTool } from "./run_tool.ts";
import { VmError } from "./vm_error.ts";

/** The tools that are needed, and the Debian package of each. */
const TOOLS = {
  "qemu-system-x86_64": "qemu-system-x86",
  mke2fs: "e2fsprogs",
  git: "git",
  tar: "tar",
  ldd: "libc-bin",
  "dpkg-deb": "dpkg",
} as const;

/** Whether virtual machines can be booted here; if not, why, and what to do about it. */
export type VmAvailability =
  | { readonly available: true }
  | { readonly available: false; readonly reason: string };

/** Says whether {@link bootVm} can work on this machine. Looks at files only, and is quick. */
export function vmAvailability(): VmAvailability {
  if (process.platform !== "linux" || process.arch !== "x64") {
    const here = `${process.platform} on ${process.arch}`;
    return unavailable(`booting a kernel needs Linux on x86-64, and this is ${here}`);
  }
  if (!findProgram("apt-get")) {
    return unavailable("booting a kernel needs apt-get (Debian or Ubuntu), which is not here");
  }
  const missing = missingTools();
  if (missing.length === 0) return { available: true };
  return unavailable(
    `${missing.join(", ")} not installed; run as root: npm run vm -- --ensure ` +
      `(or: apt-get install --no-install-recommends ${packagesOf(missing).join(" ")})`,
  );
}

/**
 * Installs the tools that are missing, if any, with apt-get as root.
 *
 * @throws {VmError} when the user is not root; the message names the command to run as root.
 */
export async function ensureVmTools(
  onProgress?: (message: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  const missing = missingTools();
  if (missing.length > 0 && findProgram("apt-get")) {
    const packages = packagesOf(missing);
    const install = ["install", "-y", "--no-install-recommends", ...packages];
    if (userInfo().uid !== 0) {
      throw new VmError(
        `${missing.join(", ")} not installed, and only root can install them; ` +
          `run: sudo apt-get update && sudo apt-get ${install.join(" ")}`,
      );
    }
    onProgress?.(`installing ${packages.join(", ")}`);
    await runTool("apt-get", ["update", "-qq"], { signal });
    await runTool("apt-get", install, { env: { DEBIAN_FRONTEND: "noninteractive" }, signal });
  }
  const now = vmAvailability();
  if (!now.available) throw new VmError(now.reason);
}

function missingTools(): (keyof typeof TOOLS)[] {
  return (Object.keys(TOOLS) as (keyof typeof TOOLS)[]).filter((tool) => !findProgram(tool));
}

function packagesOf(tools: readonly (keyof typeof TOOLS)[]): string[] {
  return [...new Set(tools.map((tool) => TOOLS[tool]))];
}

function unavailable(reason: string): VmAvailability {
  return { available: false, reason };
}

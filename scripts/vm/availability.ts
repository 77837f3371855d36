import { userInfo } from "node:os";
import { AMD64, type Architecture } from "./architectures.ts";
import { findProgram } from "./host_programs.ts";
import { runTool } from "./run_tool.ts";
import { VmError } from "./vm_error.ts";

/** The tools that are needed besides QEMU, and the Debian package of each. */
const TOOLS = {
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

/**
 * Says whether {@link bootVm} can work on this machine, with guests of `architecture`. Looks at files
 * only, and is quick.
 */
export function vmAvailability(architecture: Architecture = AMD64): VmAvailability {
  if (process.platform !== "linux" || process.arch !== "x64") {
    const here = `${process.platform} on ${process.arch}`;
    return unavailable(`booting a kernel needs Linux on x86-64, and this is ${here}`);
  }
  if (!findProgram("apt-get")) {
    return unavailable("booting a kernel needs apt-get (Debian or Ubuntu), which is not here");
  }
  const { tools, packages } = missingTools(architecture);
  if (tools.length === 0) return { available: true };
  const arch = architecture === AMD64 ? "" : ` --arch ${architecture.name}`;
  return unavailable(
    `${tools.join(", ")} not installed; run as root: npm run vm -- --ensure${arch} ` +
      `(or: apt-get install --no-install-recommends ${packages.join(" ")})`,
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
  architecture: Architecture = AMD64,
): Promise<void> {
  const { tools, packages } = missingTools(architecture);
  if (tools.length > 0 && findProgram("apt-get")) {
    const install = ["install", "-y", "--no-install-recommends", ...packages];
    if (userInfo().uid !== 0) {
      throw new VmError(
        `${tools.join(", ")} not installed, and only root can install them; ` +
          `run: sudo apt-get update && sudo apt-get ${install.join(" ")}`,
      );
    }
    onProgress?.(`installing ${packages.join(", ")}`);
    await runTool("apt-get", ["update", "-qq"], { signal });
    await runTool("apt-get", install, { env: { DEBIAN_FRONTEND: "noninteractive" }, signal });
  }
  const now = vmAvailability(architecture);
  if (!now.available) throw new VmError(now.reason);
}

function missingTools({ qemu, qemuPackage }: Architecture) {
  const missing = Object.entries({ [qemu]: qemuPackage, ...TOOLS }).filter(([tool]) =>
    !findProgram(tool)
  );
  return {
    tools: missing.map(([tool]) => tool),
    packages: [...new Set(missing.map(([, name]) => name))],
  };
}

function unavailable(reason: string): VmAvailability {
  return { available: false, reason };
}

import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { ARCHITECTURES } from "../../../scripts/vm/architectures.ts";
import { initScript } from "../../../scripts/vm/init.ts";

test.runIf(process.platform === "linux").each(Object.values(ARCHITECTURES))(
  "the init script for $name is one that a shell can read",
  (architecture) => {
    const input = initScript(architecture);
    expect(() => execFileSync("sh", ["-n"], { input, stdio: "pipe" })).not.toThrow();
  },
);

test.each(Object.values(ARCHITECTURES))(
  "on $name the command's output goes to two ports, and neither is the kernel's console",
  (architecture) => {
    const { console, stdout, stderr } = architecture.ttys;
    expect(new Set([console, stdout, stderr]).size).toBe(3);
    const script = initScript(architecture);
    expect(script).toContain(`cat /run/stdout >/dev/${stdout} &`);
    expect(script).toContain(`cat /run/stderr >/dev/${stderr} &`);
    expect(script).not.toContain(`/dev/${console} `);
  },
);

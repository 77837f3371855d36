import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { INIT_SCRIPT } from "../../../scripts/vm/init.ts";

test.runIf(process.platform === "linux")("the init script is one that a shell can read", () => {
  expect(() => execFileSync("sh", ["-n"], { input: INIT_SCRIPT, stdio: "pipe" })).not.toThrow();
});

import { expect, test } from "vitest";
import { blankState } from "../../../lib/kernel/inject/arch.ts";
import { arm64 } from "../../../lib/kernel/inject/arch_arm64.ts";
import { x64 } from "../../../lib/kernel/inject/arch_x64.ts";

const CODE = { call: 0x7000_0004, signalReturn: 0x7000_0008 };

test.each([["arm64", arm64], ["x64", x64]])("%s makes a frame of a blank state", (_, arch) => {
  expect(arch.frame(blankState(arch), CODE, 0x1000).length).toBeGreaterThan(512);
});

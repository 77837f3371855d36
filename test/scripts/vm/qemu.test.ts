import { expect, test } from "vitest";
import { ARCHITECTURES } from "../../../scripts/vm/architectures.ts";
import { qemuArguments } from "../../../scripts/vm/qemu.ts";

const machine = {
  architecture: ARCHITECTURES.amd64,
  vmlinuz: "/k/vmlinuz",
  memoryMib: 512,
  disks: { root: "/i,1.ext4", swap: "/s" },
};
const foreign = { ...machine, architecture: ARCHITECTURES.arm64 };

test("qemuArguments() asks for software emulation without cmpxchg16b on one processor", () => {
  const line = qemuArguments(machine, []).join(" ");
  expect(line).toContain("-accel tcg -cpu max,-cx16 -smp 1 -m 512");
});

test("qemuArguments() throws away what is written to the root, and to no other disk", () => {
  const drives = qemuArguments(machine, []).filter((argument) => argument.startsWith("id="));
  expect(drives.map((drive) => [drive.split(",")[0], drive.includes("snapshot=on")])).toEqual([
    ["id=root", true],
    ["id=swap", false],
  ]);
});

test("qemuArguments() doubles the commas of paths, as QEMU wants them", () => {
  expect(qemuArguments(machine, []).join(" ")).toContain("file=/i,,1.ext4,snapshot=on");
});

test("qemuArguments() gives each serial port an interrupt of its own", () => {
  const ports = qemuArguments(machine, ["/a", "/b", "/c"]).filter((text) =>
    /^isa-serial/.test(text)
  );
  expect(new Set(ports.map((port) => /irq=(\d+)/.exec(port)?.[1])).size).toBe(3);
});

test("qemuArguments() puts an arm64 guest's console on the port of the board, and the rest on PCI", () => {
  const line = qemuArguments(foreign, ["/a", "/b", "/c"]).join(" ");
  expect(line).toContain("-append console=ttyAMA0 ");
  expect(line).toContain(
    "-serial chardev:serial0 -device pci-serial-2x,chardev1=serial1,chardev2=serial2",
  );
});

test("qemuArguments() names the board of an arm64 guest, which has no default", () => {
  expect(qemuArguments(foreign, []).join(" ")).toContain("-accel tcg -M virt -cpu max");
});

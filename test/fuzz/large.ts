/**
 * Files below 32 MB that ask for much work or memory: hostile ones, and large ones that a recorder
 * could have written.
 *
 * @module
 */

import { PageSet } from "../../lib/core/page_set.ts";
import { encodePageSet } from "../../lib/trace/page_set_codec.ts";
import { LARGE_VERSION_1 } from "./large_version1.ts";
import { Forge, pagesOf, type Row, rows, scattered } from "./forge.ts";

/** Larger files are not bounded. */
export const MAX_LARGE_BYTES = 32e6;

/** All of them by name. */
export const LARGE: Readonly<Record<string, () => Uint8Array>> = {
  ...LARGE_VERSION_1,
  /** Lists of mappings far from the one that all are delta-encoded against, asked for in turn. */
  deepLists: () => lists({ mappings: 60_000, chains: 40, depth: 59, reads: 400 }),
  deeperLists: () => lists({ mappings: 200_000, chains: 20, depth: 59, reads: 200 }),
  /** The same in clears, which hold them. */
  clearLists() {
    const forge = begun();
    const base = forge.list(rows(30_000));
    for (let i = 0; i < 200; i++) {
      const list = forge.list([...rows(1, { start: 1 + i % 10 }), 30_000], base);
      forge.window({ list: base }, list);
    }
    return forge.bytes;
  },
  scatteredPages() {
    const forge = begun();
    forge.list([[16, 2 ** 40, "rw-p", 0, "00:00", "0", ""]]);
    for (let i = 0; i < 3; i++) forge.window({ pages: pagesOf(scattered(1_000_000, 40_000 + i)) });
    return forge.bytes;
  },
  scatteredWindows() {
    const forge = begun();
    forge.list([[16, 2 ** 45, "rw-p", 0, "00:00", "0", ""]]);
    for (let i = 0; i < 40; i++) {
      forge.window({ pages: pagesOf(scattered(100_000, 100_003 + i, 2 ** 30 * i + 16)) });
    }
    return forge.bytes;
  },
  widestGaps() {
    const forge = begun();
    forge.list([[16, 2 ** 51, "rw-p", 0, "00:00", "0", ""]]);
    for (let i = 0; i < 3; i++) {
      forge.window({ pages: pagesOf(scattered(500_000, 2 ** 31 + i * 77)) });
    }
    return forge.bytes;
  },
  manyMappings() {
    const forge = begun();
    forge.list(rows(1_000_000));
    forge.window({ pages: pagesOf(scattered(1000, 2)) });
    forge.window({ pages: pagesOf(scattered(1000, 2)) });
    return forge.bytes;
  },
  namedMappings() {
    const forge = begun();
    forge.list(rows(100_000, { name: (i) => `/usr/lib/x86_64/libsomething-${i}.so` }));
    for (let i = 0; i < 8; i++) forge.window({ pages: pagesOf(scattered(100_000, 2)) });
    return forge.bytes;
  },
  /** Long names in each list, so that a list has few mappings and many bytes. */
  longNames() {
    const forge = begun();
    const long = "d".repeat(4000);
    for (let i = 0; i < 40; i++) {
      forge.list(rows(4000, { name: (n) => `${long}/${i}/${(n * 7919) ** 2}` }));
      forge.window({ list: i, pages: pagesOf(scattered(4000, 2)) });
    }
    return forge.bytes;
  },
  hugeName() {
    const forge = begun();
    forge.list(rows(4, { name: (i) => `${i}/`.repeat(3_000_000) }));
    for (let i = 0; i < 50; i++) forge.window({ pages: pagesOf(scattered(4, 2)) });
    return forge.bytes;
  },
  newNames() {
    const forge = begun();
    for (let i = 0; i < 300; i++) {
      forge.list(rows(2000, { name: (n) => `/tmp/file-${i}-${n}` }));
      forge.window({ list: i, pages: pagesOf(scattered(2000, 2)) });
    }
    return forge.bytes;
  },
  manyProcesses() {
    const forge = new Forge();
    forge.list(rows(2));
    for (let i = 0; i < 100_000; i++) forge.window({ process: forge.process(`p${i}`) });
    return forge.bytes;
  },
  processesWithWindows() {
    const forge = new Forge();
    forge.list(rows(2));
    for (let i = 0; i < 10_000; i++) forge.process(`p${i}`);
    for (let n = 0; n < 20; n++) {
      for (let i = 0; i < 10_000; i++) forge.window({ process: i });
    }
    return forge.bytes;
  },
  processesWithPages() {
    const forge = new Forge();
    forge.list([[16, 2 ** 30, "rw-p", 0, "00:00", "0", ""]]);
    for (let i = 0; i < 2000; i++) {
      const process = forge.process(`p${i}`);
      for (let n = 0; n < 2; n++) {
        forge.window({ process, pages: pagesOf(scattered(300, 1000 + n)) });
      }
    }
    return forge.bytes;
  },
  changingCommand() {
    const forge = new Forge();
    forge.list(rows(2));
    for (let i = 0; i < 60_000; i++) forge.window({ process: forge.process(`p${i}`, 7) });
    return forge.bytes;
  },
  manyWindows() {
    const forge = begun();
    forge.list(rows(20, { pages: 100 }));
    for (let i = 0; i < 150_000; i++) forge.window({ pages: pagesOf(scattered(3, 2 + i % 5)) });
    return forge.bytes;
  },
  manyReadsOfLists() {
    const forge = begun();
    forge.list(rows(20_000));
    for (let i = 0; i < 20_000; i++) forge.window();
    return forge.bytes;
  },
  alternating: () => alternatingPages(1_000_000, 3),
  alternatingMillions: () => alternatingPages(16_000_000, 2),
  alternatingMost: () => alternatingPages(60_000_000, 1),
  allFlags() {
    const forge = begun();
    forge.list([[16, 2 ** 40, "rw-p", 0, "00:00", "0", ""]]);
    const flags = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    for (let i = 0; i < 3; i++) {
      forge.window({
        pages: flags.flatMap((flag) => pagesOf(scattered(1_000_000, 2 + flag, 16 + i), [flag])),
      });
    }
    return forge.bytes;
  },
  manyRunsByDifference() {
    const forge = begun();
    forge.list([[16, 2 ** 40, "rw-p", 0, "00:00", "0", ""]]);
    const whole = pagesOf(scattered(2_000_000, 2));
    for (let k = 0; k < 8; k++) {
      const base = forge.window({ pages: whole });
      for (let i = 1; i < 60; i++) {
        const bytes = encodePageSet(PageSet.from([{ start: 100 * i, end: 100 * i + 1 }]));
        forge.window({ base, list: null, pages: [1, bytes] });
      }
    }
    return forge.bytes;
  },
  runsInManyWindows() {
    const forge = begun();
    forge.list([[16, 2 ** 40, "rw-p", 0, "00:00", "0", "[heap]"]]);
    for (let i = 0; i < 100; i++) {
      forge.window({
        pages: [...pagesOf(randomPages(200_000, i)), ...pagesOf(heap(200_000), [1])],
      });
    }
    return forge.bytes;
  },
  /** A server of many gigabytes: its memory in many runs, of which few are written. */
  largeServer() {
    const forge = begun();
    forge.list(
      rows(5000, { pages: 400, gap: 100, name: (i) => i % 3 === 0 ? `/srv/lib${i}.so` : "" }),
    );
    const present = randomPages(2_400_000, 1);
    const whole = pagesOf(present, [1]);
    let base = 0;
    for (let i = 0; i < 400; i++) {
      const dirty = pagesOf(randomPages(40_000, i), [0]);
      if (i % 16 === 0) base = forge.window({ pages: [...dirty, ...whole] });
      else forge.window({ base, list: null, pages: dirty });
      if (forge.sizeBytes > 28e6) break;
    }
    return forge.bytes;
  },
  vastRanges() {
    const forge = begun();
    forge.list([[16, 2 ** 51, "rw-p", 0, "00:00", "0", ""]]);
    for (let i = 0; i < 20; i++) {
      const set = PageSet.from([{ start: 16 + i, end: 2 ** 51 }]);
      forge.window({ pages: pagesOf(set) });
    }
    return forge.bytes;
  },
  manyMarks() {
    const forge = begun();
    forge.list(rows(1));
    forge.window();
    for (let i = 0; i < 900_000; i++) forge.mark(`mark ${i}`);
    return forge.bytes;
  },
  longMarks() {
    const forge = begun();
    forge.list(rows(1));
    forge.window();
    for (let i = 0; i < 3; i++) forge.mark("x".repeat(10_000_000));
    return forge.bytes;
  },
  manyExits() {
    const forge = new Forge();
    forge.list(rows(1));
    for (let i = 0; i < 150_000; i++) {
      const process = forge.process("x", i + 1);
      forge.fork(process);
      forge.exit(i + 1);
    }
    return forge.bytes;
  },
  mappingsComeAndGo() {
    const forge = begun();
    for (let i = 0; i < 600; i++) {
      forge.list(rows(3000, { start: 16 + (i % 50) * 10_000, pages: 2, gap: 1 }));
      forge.window({ list: i, pages: pagesOf(scattered(3000, 3, 16 + (i % 50) * 10_000)) });
    }
    return forge.bytes;
  },
};

function begun(): Forge {
  const forge = new Forge();
  forge.process();
  return forge;
}

function lists(
  { mappings, chains, depth, reads }: Readonly<
    Record<"mappings" | "chains" | "depth" | "reads", number>
  >,
): Uint8Array {
  const forge = begun();
  const base = forge.list(rows(mappings));
  const leaves: number[] = [];
  for (let chain = 0; chain < chains; chain++) {
    let last = base;
    for (let i = 1; i < depth; i++) {
      const first: Row = [1 + chain % 14, 2 + chain % 14, "rw-p", 0, "00:00", "0", ""];
      last = forge.list(i === 1 ? [first, mappings] : [mappings + 1], last);
    }
    leaves.push(last);
  }
  for (let i = 0; i < reads; i++) forge.window({ list: leaves[i % chains] });
  return forge.bytes;
}

function alternatingPages(count: number, windows: number): Uint8Array {
  const forge = begun();
  forge.list([[16, 2 ** 40, "rw-p", 0, "00:00", "0", ""]]);
  for (let i = 0; i < windows; i++) forge.window({ pages: pagesOf(scattered(count, 2, 16 + i)) });
  return forge.bytes;
}

/** Half of so many pages, at random. */
function randomPages(count: number, seed: number): PageSet {
  let state = (seed + 1) * 0x9e3779b1 | 1;
  const edges: number[] = [];
  let isIn = false;
  for (let page = 16; page < 16 + count; page++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    if ((state & 1) === 1 !== isIn) {
      edges.push(page);
      isIn = !isIn;
    }
  }
  if (isIn) edges.push(16 + count);
  return PageSet.fromEdges(Float64Array.from(edges));
}

function heap(count: number): PageSet {
  return PageSet.from([{ start: 16, end: 16 + count }]);
}

import { expect, test } from "vitest";
import { partitionTable, ROOT_PARTUUID } from "../../../scripts/vm/partition_table.ts";

test("partitionTable() describes one Linux partition up to the end of the disk", () => {
  const sector = Buffer.from(partitionTable(5 * 1024 * 1024));
  const entry = sector.subarray(446, 462);
  expect(sector).toHaveLength(512);
  expect(entry[4]).toBe(0x83);
  expect(entry.readUInt32LE(8)).toBe(2048); // 1 MiB in sectors
  expect(entry.readUInt32LE(12)).toBe(4 * 2048);
  expect(sector.subarray(510)).toEqual(Buffer.from([0x55, 0xaa]));
});

test("ROOT_PARTUUID names the disk's signature and the first partition, as the kernel spells it", () => {
  const signature = Buffer.from(partitionTable(2 ** 21)).readUInt32LE(440);
  expect(ROOT_PARTUUID).toBe(`${signature.toString(16).padStart(8, "0")}-01`);
});

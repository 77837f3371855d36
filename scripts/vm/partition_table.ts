import { open } from "node:fs/promises";

const SECTOR_BYTES = 512;
const DISK_SIGNATURE = 0x50a6d127;
const LINUX_PARTITION = 0x83;

/** Where the one partition of an image starts, in bytes. */
export const PARTITION_START_BYTES = 1024 * 1024;

/** How the kernel's `root=` names that partition: by content, whatever the disk is called. */
export const ROOT_PARTUUID = `${DISK_SIGNATURE.toString(16)}-01`;

/** Writes an MBR with one partition, from {@link PARTITION_START_BYTES} to the end of the image. */
export async function writePartitionTable(image: string): Promise<void> {
  const file = await open(image, "r+");
  try {
    const { size } = await file.stat();
    const sector = partitionTable(size);
    await file.write(sector, 0, sector.length, 0);
  } finally {
    await file.close();
  }
}

/** The first sector of a disk of `sizeBytes`. */
export function partitionTable(sizeBytes: number): Uint8Array {
  const sector = new Uint8Array(SECTOR_BYTES);
  const view = new DataView(sector.buffer);
  view.setUint32(440, DISK_SIGNATURE, true);
  view.setUint8(446 + 4, LINUX_PARTITION);
  view.setUint32(446 + 8, PARTITION_START_BYTES / SECTOR_BYTES, true);
  view.setUint32(446 + 12, (sizeBytes - PARTITION_START_BYTES) / SECTOR_BYTES, true);
  view.setUint16(510, 0xaa55, true);
  return sector;
}

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { filesBack, parseStatus } from "../../../scripts/vm/status.ts";

const disk = (text: string) => Buffer.concat([Buffer.from(text), Buffer.alloc(4096)]);

test("parseStatus() reads what init writes", () => {
  expect(parseStatus(disk("n0nce 3 0 - 6.1.0-50-cloud-amd64\n"), "n0nce")).toEqual({
    exitCode: 3,
    filesBytes: 0,
    filesSha256: "-",
    kernelRelease: "6.1.0-50-cloud-amd64",
  });
});

test.each([
  ["an empty disk", ""],
  ["another boot's status", "other 0 0 - 6.1.0\n"],
  ["half a status", "n0nce 0 0"],
])("parseStatus() takes %s for none", (_, text) => {
  expect(parseStatus(disk(text), "n0nce")).toBeUndefined();
});

describe.runIf(process.platform === "linux")("filesBack()", () => {
  let folder: string;
  beforeEach(() => folder = mkdtempSync(join(tmpdir(), "softdirty-test-")));
  afterEach(() => rmSync(folder, { recursive: true }));

  function tarOf(bytes: Uint8Array) {
    mkdirSync(join(folder, "guest/root/deep"), { recursive: true });
    writeFileSync(join(folder, "guest/root/deep/binary"), bytes);
    const tar = join(folder, "files.tar");
    execFileSync("tar", ["-cf", tar, "-C", join(folder, "guest"), "root"]);
    const written = readFileSync(tar);
    truncateSync(tar, written.length + 2 ** 20); // the disk is larger than what the guest wrote
    const filesSha256 = createHash("sha256").update(written).digest("hex");
    return { tar, filesBytes: written.length, filesSha256 };
  }

  test("returns binary files by absolute guest path", async () => {
    const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index % 251);
    const { tar, ...sums } = tarOf(bytes);
    const status = { exitCode: 0, kernelRelease: "6.1", ...sums };
    const files = await filesBack(tar, status, folder);
    expect([...files.keys()]).toEqual(["/root/deep/binary"]);
    expect(new Uint8Array(files.get("/root/deep/binary")!)).toEqual(bytes);
  });

  test("refuses bytes whose sum is not the guest's", async () => {
    const { tar, filesBytes } = tarOf(new Uint8Array(10));
    const status = { exitCode: 0, kernelRelease: "6.1", filesBytes, filesSha256: "0".repeat(64) };
    await expect(filesBack(tar, status, folder)).rejects.toThrow("damaged");
  });
});

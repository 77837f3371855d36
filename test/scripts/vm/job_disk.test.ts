import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { guestPath, shellQuoted, writeJobDisk } from "../../../scripts/vm/job_disk.ts";

test("guestPath() puts relative paths below the checkout and leaves absolute ones", () => {
  expect(guestPath("a/b")).toBe("/softdirty/a/b");
  expect(guestPath("/tmp/../etc/x")).toBe("/etc/x");
});

describe.runIf(process.platform === "linux")("on Linux", () => {
  test.each(["", "plain", "it's", '$HOME `id` \\ "x"', "two\nlines", "*"])(
    "shellQuoted() keeps a shell from touching %j",
    (word) => {
      expect(execFileSync("sh", ["-c", `printf %s ${shellQuoted(word)}`]).toString()).toBe(word);
    },
  );

  let folder: string;
  beforeEach(() => folder = mkdtempSync(join(tmpdir(), "softdirty-test-")));
  afterEach(() => rmSync(folder, { recursive: true }));

  test("writeJobDisk() packs what git sees and dist/, but nothing that is ignored", async () => {
    const checkout = join(folder, "checkout");
    for (const name of ["dist", "lib", "node_modules", ".git"]) {
      mkdirSync(join(checkout, name), { recursive: true });
    }
    execFileSync("git", ["init", "-q", checkout]);
    writeFileSync(join(checkout, ".gitignore"), "dist\nnode_modules\n*.log\n");
    for (const name of ["dist/built.js", "lib/a b.ts", "node_modules/x.js", "debug.log"]) {
      writeFileSync(join(checkout, name), name);
    }
    writeFileSync(join(folder, "data"), "data");
    const disk = join(folder, "job.tar");
    await writeJobDisk(
      {
        checkout,
        command: ["echo", "a b"],
        env: { NAME: "it's" },
        put: new Map([["/tmp/x/data", join(folder, "data")]]),
        get: ["/tmp/out"],
        asUser: false,
        swap: false,
        timeoutSeconds: 10,
        nonce: "n0nce",
      },
      folder,
      disk,
    );
    const listed = execFileSync("tar", ["-tf", disk]).toString().trim().split("\n").sort();
    expect(listed).toEqual([
      "job/",
      "job/get",
      "job/run",
      "job/settings",
      "softdirty/.gitignore",
      "softdirty/dist/built.js",
      "softdirty/lib/a b.ts",
      "tmp/x/data",
    ]);
    expect(execFileSync("tar", ["-xOf", disk, "job/run"]).toString()).toBe(
      "#!/bin/sh\nexport NAME='it'\\''s'\ncd /softdirty\nexec 'echo' 'a b'\n",
    );
  });
});

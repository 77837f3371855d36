import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Cgroup, cgroupMount } from "../../../lib/kernel/proc/cgroup_fs.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

test("cgroupMount() finds where version 2 is mounted, also beside version 1", () => {
  const mountinfo = [
    "36 35 0:31 / /sys/fs/cgroup ro,nosuid - tmpfs tmpfs ro,mode=755",
    "37 36 0:32 / /sys/fs/cgroup/cpu rw,relatime shared:9 - cgroup cgroup rw,cpu",
    "38 36 0:33 / /sys/fs/cgroup/unified rw,relatime shared:10 - cgroup2 cgroup2 rw",
    "",
  ].join("\n");
  expect(cgroupMount(mountinfo)).toBe("/sys/fs/cgroup/unified");
  expect(cgroupMount(mountinfo.replace("cgroup2 cgroup2", "tmpfs tmpfs"))).toBeUndefined();
});

test("Cgroup.pids has the processes of all groups below, and none of one that is gone", () => {
  const root = temporaryFolder();
  mkdirSync(join(root, "a/b"), { recursive: true });
  writeFileSync(join(root, "cgroup.procs"), "1\n2\n");
  writeFileSync(join(root, "a/cgroup.procs"), "");
  writeFileSync(join(root, "a/b/cgroup.procs"), "30\n");
  expect(new Cgroup(root).pids).toEqual([1, 2, 30]);
  rmSync(root, { recursive: true });
  expect(new Cgroup(root).pids).toEqual([]);
});

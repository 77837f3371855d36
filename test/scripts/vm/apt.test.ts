import { expect, test } from "vitest";
import { parseVersions } from "../../../scripts/vm/apt.ts";

test("parseVersions() reads every version of a package and the first name of each dependency", () => {
  const shown = `Package: linux-image-cloud-amd64
Version: 7.3.4-1~bpo13+1
Depends: linux-base-cloud-amd64 (= 7.3.4-1~bpo13+1), linux-image-7.3.4+deb13-cloud-amd64 (= 7.3.4-1)

Package: linux-image-cloud-amd64
Version: 6.12.117-1
Depends: dracut | linux-initramfs-tool, kmod
Description: Linux

`;
  expect(parseVersions(shown)).toEqual([
    {
      version: "7.3.4-1~bpo13+1",
      depends: ["linux-base-cloud-amd64", "linux-image-7.3.4+deb13-cloud-amd64"],
    },
    { version: "6.12.117-1", depends: ["dracut", "kmod"] },
  ]);
});

test("parseVersions() finds nothing in what apt says of an unknown package", () => {
  expect(parseVersions("")).toEqual([]);
});

import { expect, test } from "vitest";
import { ARCHITECTURES } from "../../../scripts/vm/architectures.ts";
import { findKernel, metaPackage, suitesOfSeries } from "../../../scripts/vm/kernels.ts";

test("suitesOfSeries() knows where Debian keeps 6.1, 6.12 and newer series", () => {
  expect(suitesOfSeries("6.1")).toEqual(["bookworm"]);
  expect(suitesOfSeries("6.12")[0]).toBe("trixie");
  expect(suitesOfSeries("7.3")[0]).toBe("trixie-backports");
});

test("metaPackage() names the package of each architecture's newest cloud kernel", () => {
  expect(metaPackage(ARCHITECTURES.amd64)).toBe("linux-image-cloud-amd64");
  expect(metaPackage(ARCHITECTURES.arm64)).toBe("linux-image-cloud-arm64");
});

test.each(["6", "6.1.176", "latest", "../6.1", ""])(
  "findKernel() refuses %j, which is no series",
  (series) => expect(findKernel(series)).rejects.toThrow("takes a series such as 6.1"),
);

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { topPicture } from "../../scripts/pictures/top_picture.ts";

test("the picture of top in the README is what it shows; npm run pictures makes it again", async () => {
  const picture = new URL("../../recordings/pictures/top.svg", import.meta.url);
  expect(await topPicture()).toBe(readFileSync(picture, "utf8"));
});

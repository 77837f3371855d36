/** The example notebook has what its cells show; UPDATE_GOLDENS=1 writes it again. */

import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { readNotebook, shown, writeOutputs } from "../../helpers/notebook.ts";

const path = fileURLToPath(
  new URL("../../../scripts/examples/notebook.ipynb", import.meta.url),
);

test("the example notebook shows what it did when it was written", async () => {
  const notebook = readNotebook(path);
  const before = process.cwd();
  process.chdir(fileURLToPath(new URL("../../../", import.meta.url)));
  try {
    const outputs = await shown(
      notebook,
      (file) => import(new URL(file, pathToFileURL(path)).href),
      (file) => file.replace("../../", ""),
    );
    if (process.env.UPDATE_GOLDENS === "1") writeOutputs(path, outputs);
    const reported = readNotebook(path).cells.flatMap(({ outputs }) => outputs ?? []);
    expect(outputs).toEqual(reported.map(({ data }) => data));
    expect(outputs).toHaveLength(5);
  } finally {
    process.chdir(before);
  }
});

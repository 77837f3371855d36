/**
 * Notebooks, whose cells are run one after the other.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";

/** What a cell showed. */
export interface CellOutput {
  readonly output_type: "execute_result";
  readonly execution_count: number;
  readonly metadata: Record<string, never>;
  readonly data: Readonly<Record<string, string>>;
}

interface Cell {
  readonly cell_type: "code" | "markdown";
  readonly source: readonly string[];
  execution_count?: number | null;
  outputs?: readonly CellOutput[];
}

const DISPLAY = Symbol.for("Jupyter.display");

/** Reads one. */
export function readNotebook(path: string): { readonly cells: readonly Cell[] } {
  return JSON.parse(readFileSync(path, "utf8"));
}

/**
 * What the last line of each cell with code shows, as Deno's kernel asks for it. Each cell is run with
 * all before it.
 *
 * @param load imports a module
 * @param files returns where a recording is
 */
export async function shown(
  { cells }: { readonly cells: readonly Cell[] },
  load: (path: string) => Promise<unknown>,
  files: (path: string) => string,
): Promise<CellOutput["data"][]> {
  const all: CellOutput["data"][] = [];
  let before = "";
  for (const { cell_type, source } of cells) {
    if (cell_type !== "code") continue;
    const code = source.join("")
      .replace(
        /^import (\{.*\}) from "(.*)";$/gm,
        (_, names, path) => `const ${names} = await load(${JSON.stringify(path)});`,
      )
      .replace(/"(\.\.[^"]*\.sdtrace)"/g, (_, path) => JSON.stringify(files(path)));
    const lines = code.split("\n");
    const last = lines.pop();
    const run = new Function(
      "load",
      `return (async () => {${before}\n${lines.join("\n")}\nreturn ${last}\n})()`,
    );
    // deno-lint-ignore no-explicit-any
    all.push((await run(load) as any)[DISPLAY]());
    before += `${code};\n`;
  }
  return all;
}

/** Writes what its cells showed. */
export function writeOutputs(path: string, outputs: readonly CellOutput["data"][]): void {
  const notebook = readNotebook(path);
  let count = 0;
  for (const cell of notebook.cells) {
    if (cell.cell_type !== "code") continue;
    cell.outputs = [{
      output_type: "execute_result",
      execution_count: count + 1,
      metadata: {},
      data: outputs[count],
    }];
    cell.execution_count = ++count;
  }
  writeFileSync(path, `${JSON.stringify(notebook, null, 1)}\n`);
}

/**
 * Puts the modules of the built package together: an import opens a few files and not a hundred. What
 * entry points have in common is the same for all: a snapshot of one is a snapshot of the other.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { defineConfig } from "rolldown";

const built = (name) => join(import.meta.dirname, "dist", `${name}.js`);

/** A module, and all that an import of it loads. */
function loadedBy(file, found = new Set()) {
  if (found.has(file)) return found;
  found.add(file);
  const imports = readFileSync(file, "utf8").matchAll(/^(?:im|ex)port [^"]*?"(\.[^"]+)";$/gm);
  for (const [, path] of imports) loadedBy(join(dirname(file), path), found);
  return found;
}

const ofLibrary = loadedBy(built("mod"));

export default defineConfig({
  input: {
    softdirty: built("mod"),
    live: built("lib/entry/live"),
    import: built("lib/entry/import"),
    text: built("lib/entry/text"),
    inspect: built("lib/entry/inspect"),
    main: built("lib/cli/main"),
    // These are loaded by name.
    program: built("lib/cli/program"),
    install_deno: built("lib/repl/install_deno"),
    key_watcher: built("lib/repl/key_watcher"),
  },
  external: (id) => !/^[./]/.test(id),
  platform: "node",
  output: {
    // As deep as the modules are: some find other files from where they lie.
    dir: "dist/lib/bundle",
    chunkFileNames: "[name]-[hash].js",
    codeSplitting: {
      groups: [
        // `softdirty --version` loads this alone.
        { name: "version", test: (id) => id === built("lib/core/version"), priority: 1 },
        { name: "library", test: (id) => ofLibrary.has(id) },
      ],
    },
  },
  logLevel: "warn",
});

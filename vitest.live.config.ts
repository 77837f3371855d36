import { defineConfig } from "vitest/config";

/** Tests that need a kernel with soft-dirty; `npm test` runs them in a VM where this one has none. */
export default defineConfig({
  test: {
    include: ["test/live/**/*.test.ts"],
    setupFiles: ["test/helpers/environment.ts"],
    pool: "forks",
    fileParallelism: false,
    isolate: false, // under emulation each new process of the test runner costs seconds
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});

import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/live/**", "test/live_uffd/**", "test/browser/**"],
    globalSetup: ["test/helpers/fresh_build.ts"],
    setupFiles: ["test/helpers/environment.ts"],
    pool: "forks",
    // By default one processor is left to the runner, which has little to do.
    maxWorkers: "100%",
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});

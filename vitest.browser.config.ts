import { defineConfig } from "vitest/config";

/** Tests that open reports in Debian's Chromium. */
export default defineConfig({
  test: {
    include: ["test/browser/**/*.test.ts"],
    globalSetup: ["test/helpers/fresh_build.ts"],
    setupFiles: ["test/helpers/environment.ts"],
    pool: "forks",
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

import { defineConfig } from "vitest/config";

/** Tests that attach to processes; they need a kernel that tracks with userfaultfd (Linux 6.7). */
export default defineConfig({
  test: {
    include: ["test/live_uffd/**/*.test.ts"],
    globalSetup: ["test/helpers/fresh_build.ts"],
    setupFiles: ["test/helpers/environment.ts"],
    pool: "forks",
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});

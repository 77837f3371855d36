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
    // With --coverage, which is `npm run coverage`. What a test starts as a program is not counted.
    coverage: { include: ["lib/**/*.ts"], exclude: ["lib/page/**"], reporter: ["text", "html"] },
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});

import { defineConfig } from "vitest/config";

// Unit tests sit beside what they test. Whole processes and a real browser are driven from deploy/e2e, one file at a
// time, because they own ports, processes and the machine's attention.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["**/*.test.ts"],
          exclude: ["**/node_modules/**", "deploy/e2e/**"],
          testTimeout: 20_000,
          // Most of them wait for a process or a socket most of the time; one worker would leave a core idle.
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["deploy/e2e/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});

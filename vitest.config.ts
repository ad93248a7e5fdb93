import { defineConfig } from "vitest/config";

/** They use both cores, or watch how long a browser's own work takes: each has the machine for itself. */
const ALONE = ["console", "demonstration", "kill-under-load", "returning-edges", "sign-in"].map(
  (name) => `deploy/e2e/${name}.test.ts`,
);

/** A poll gives up after a second unless told otherwise, which a busy machine may take for anything. */
const PATIENT = { poll: { timeout: 45_000 } };

// Unit tests sit beside what they test. Whole processes and a real browser are driven from deploy/e2e.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["**/*.test.ts"],
          exclude: ["**/node_modules/**", "dist/**", "deploy/e2e/**", "deploy/faults/campaign/**"],
          // Some start a dozen processes one after the other, and the machine may be a slow one.
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: PATIENT,
          // Most of them wait for a process or a socket most of the time; one worker a core would leave both idle.
          maxWorkers: 3,
          // Loading the same modules for each of four hundred files took a third of the time. What a test changes
          // outside of itself (environment, timers, files) it puts back.
          isolate: false,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["deploy/e2e/**/*.test.ts"],
          exclude: ALONE,
          // They wait for timeouts, reconnections and each other's death more than they compute.
          maxWorkers: 3,
          testTimeout: 180_000,
          expect: PATIENT,
          hookTimeout: 180_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "e2e-alone",
          include: ALONE,
          fileParallelism: false,
          testTimeout: 180_000,
          expect: PATIENT,
          hookTimeout: 180_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        // Minutes each: `npm run faults` runs them, `npm test` does not.
        test: {
          name: "faults",
          include: ["deploy/faults/campaign/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 180_000,
          expect: PATIENT,
          hookTimeout: 180_000,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});

/**
 * What has to be decided before the agent's first line runs: whoever starts it (`campus-ops up`, a service unit, the
 * benchmark) gives it these variables.
 */
export const LAUNCH_ENVIRONMENT = {
  /**
   * glibc otherwise gives each of a dozen threads an allocator of its own, none of which gives back what the others need:
   * 4 to 5 MB. They allocate rarely, and do not wait for each other in one.
   */
  MALLOC_ARENA_MAX: "1",
} as const;

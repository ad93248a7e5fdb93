/** Waiting, in tests, for what another part of the platform or a device does in its own time. */
import { vi } from "vitest";

/** Of a machine that is busy with everything else; only what fails waits so long. */
const SOON_MS_MAX = 45_000;

/** Asks until `check` throws no more, and throws what it threw last. */
export const soon = <T>(check: () => T | Promise<T>, interval = 20): Promise<T> =>
  vi.waitFor(check, { timeout: SOON_MS_MAX, interval });

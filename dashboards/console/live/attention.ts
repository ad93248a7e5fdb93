/** Whether somebody is at the page, so that what it asks by itself keeps nobody signed in who has left. */

/** Whoever has just touched it is at it: the request that a click leads to, and the ones that it leads to, are theirs. */
export const ATTENDED_MS = 60_000;

const SIGNS = ["pointerdown", "pointermove", "keydown", "wheel", "touchmove"] as const;

/** Somebody has opened the page. */
let touchedAt = performance.now();

/** From now on, whoever touches `page` is noticed. */
export function watchAttention(page: Pick<Window, "addEventListener">): void {
  for (const sign of SIGNS)
    page.addEventListener(sign, () => (touchedAt = performance.now()), { capture: true, passive: true });
}

export const isAttended = (): boolean => performance.now() - touchedAt < ATTENDED_MS;

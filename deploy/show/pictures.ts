/** Pictures of the first day's guides: taken by `deploy/testing/take-guide-pictures.ts`, looked for by the guides' test. */
import type { ConsoleLanguage } from "../testing/console-page.ts";

export const PICTURES = ["sign-in", "boxes", "devices", "alarm"] as const;

/** Read on a telephone, on a ladder. */
export const PICTURE_BYTES_MAX = 100_000;

/** From `docs/`. */
export const pictureFile = (name: (typeof PICTURES)[number], language: ConsoleLanguage): string =>
  `screenshots/first-day/${name}-${language}.png`;

/**
 * Keeps V8's young generation at its initial size. It grows to tens of megabytes while modules load and never shrinks,
 * which an edge box has better uses for: 26 MB less resident memory, measured with 20 devices. Imported before
 * everything else, because by the time `main.ts` runs it would be too late.
 */
import { setFlagsFromString } from "node:v8";

setFlagsFromString("--semi-space-growth-factor=1");

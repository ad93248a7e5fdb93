/** It notices what a camera that stands still notices. */
export { testcases } from "./generic-onvif.testcases.ts";

/** It notices what a camera without a card notices. */
export { testcases } from "./generic-onvif.testcases.ts";

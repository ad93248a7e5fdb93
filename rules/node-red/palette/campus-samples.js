export { registerSamples as default } from "./samples.ts";

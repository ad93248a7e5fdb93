export { registerAlarms as default } from "./alarms.ts";

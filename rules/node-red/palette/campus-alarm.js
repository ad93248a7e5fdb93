export { registerAlarm as default } from "./alarm.ts";

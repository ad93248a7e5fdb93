export { registerCalendar as default } from "./calendar.ts";

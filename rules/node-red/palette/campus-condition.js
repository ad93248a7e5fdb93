export { registerCondition as default } from "./condition.ts";

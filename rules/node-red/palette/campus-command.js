export { registerCommand as default } from "./command.ts";

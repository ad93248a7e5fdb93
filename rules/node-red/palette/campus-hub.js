export { registerHub as default } from "./hub-node.ts";

/** Access controllers have several doors, of which a device of ours is one: `http://host?door=2`. */
import { DriverError } from "../driver.ts";
import { checkHttpAddress } from "./client.ts";

const DOOR_MAX = 64;

/** The door's number, from 1; the first where none is named. Throws for what is no such address. */
export function doorOf(url: URL): number {
  checkHttpAddress(url, "http://host or http://host?door=2");
  const door = Number(url.searchParams.get("door") ?? 1);
  if (Number.isInteger(door) && door >= 1 && door <= DOOR_MAX) return door;
  throw new DriverError("unsupported", `${url.href}: a door is numbered 1 to ${DOOR_MAX}`, { retry: false });
}

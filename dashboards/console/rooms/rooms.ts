/** Rooms as the devices in them say: the places that have something to control. */
import type { AssetPath, DeviceClass } from "@campus-ops/device-profiles/vocabulary";
import type { DeviceView } from "../../api/api.ts";

/** As the server's; a device of another class is shown in its room, and never part of a scene. */
export const ROOM_CLASSES: ReadonlySet<DeviceClass> = new Set<DeviceClass>([
  "projector",
  "display",
  "classroom-controller",
  "actuator",
]);

export interface Room {
  readonly path: AssetPath;
  readonly devices: readonly DeviceView[];
}

/** Every place with a classroom device, with all devices that stand there, in the order of their paths. */
export function roomsOf(devices: Iterable<DeviceView>, scope: AssetPath | ""): readonly Room[] {
  const within = [...devices].filter(
    ({ path }) => scope === "" || path === scope || path.startsWith(`${scope}/`),
  );
  return [...Map.groupBy(within, ({ path }) => path)]
    .filter(([, members]) => members.some((device) => ROOM_CLASSES.has(device.class)))
    .map(([path, members]) => ({
      path,
      devices: members.toSorted(
        (a, b) =>
          Number(ROOM_CLASSES.has(b.class)) - Number(ROOM_CLASSES.has(a.class)) || (a.key < b.key ? -1 : 1),
      ),
    }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

export interface Floor {
  readonly path: AssetPath;
  readonly rooms: readonly Room[];
}

/** Rooms under the place that they are in, a floor mostly, in the order of the paths. */
export function floorsOf(rooms: readonly Room[]): readonly Floor[] {
  const floors = Map.groupBy(rooms, ({ path }) => path.slice(0, Math.max(0, path.lastIndexOf("/"))));
  return [...floors].map(([path, members]) => ({ path, rooms: members }));
}

/** The campuses, buildings and floors above some rooms: what can be controlled together. */
export function placesAbove(rooms: readonly Room[]): readonly AssetPath[] {
  const places = new Set<AssetPath>();
  for (const { path } of rooms) {
    const segments = path.split("/");
    for (let depth = 3; depth < segments.length; depth += 1) places.add(segments.slice(0, depth).join("/"));
  }
  return [...places].sort();
}

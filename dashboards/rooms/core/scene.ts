/** Which commands a scene comes to in a place. Pure: the same devices and the same scene give the same plan. */
import type { AssetPath, DeviceClass, LocalText, MetricName } from "@campus-ops/device-profiles/vocabulary";
import type { RoomItem, SceneSetting, SceneView } from "../api.ts";

/** What stands in classrooms. A door, a switch, a siren or a relay is never part of a scene: those are commanded one by one. */
export const ROOM_CLASSES: readonly DeviceClass[] = [
  "projector",
  "display",
  "classroom-controller",
  "actuator",
];

/**
 * What a scene may set, in the order in which a room is switched: what shows a picture first, light last. The mains of a
 * controller are not here: a projector that loses them while it cools is damaged.
 */
export const SCENE_METRICS: readonly MetricName[] = [
  "Controller/System",
  "Projector/Power",
  "Display/Power",
  "Controller/Source",
  "Display/Input",
  "Controller/Screen",
  "Controller/Volume",
  "Controller/Muted",
  "Display/Volume",
  "Display/Muted",
  "Display/Brightness",
  "Climate/On",
  "Climate/Mode",
  "Climate/Setpoint",
  "Light/On",
  "Light/Level",
];

/** Set of all classes: what a room's devices are set to whatever they are. */
const everywhere = (metric: MetricName, value: SceneSetting["value"]): readonly SceneSetting[] =>
  ROOM_CLASSES.map((each) => ({ class: each, metric, value }));

export const BUILT_IN_SCENES: readonly SceneView[] = [
  {
    id: "all-off",
    title: { zh: "全部关闭", en: "All off" },
    path: "",
    builtIn: true,
    settings: [
      ...everywhere("Projector/Power", "off"),
      ...everywhere("Display/Power", false),
      ...everywhere("Controller/System", false),
      ...everywhere("Climate/On", false),
      ...everywhere("Light/On", false),
    ],
  },
  {
    id: "lesson",
    title: { zh: "上课", en: "Lesson" },
    path: "",
    builtIn: true,
    settings: [
      ...everywhere("Controller/System", true),
      ...everywhere("Projector/Power", "on"),
      ...everywhere("Display/Power", true),
      ...everywhere("Light/On", true),
    ],
  },
];

/** What has to be known of a device to plan for it. */
export interface RoomDevice {
  readonly key: string;
  readonly title: LocalText;
  readonly class: DeviceClass;
  readonly path: AssetPath;
  readonly health: "working" | "faulty" | "unreachable" | "stale" | "retired";
  readonly metrics: readonly {
    readonly name: string;
    readonly value: unknown;
    readonly quality: { readonly status: string };
  }[];
}

/** One item for each device and each metric it has that the scene sets; devices in the order of their places. */
export function planScene(
  devices: readonly RoomDevice[],
  settings: readonly SceneSetting[],
): readonly RoomItem[] {
  const rank = ({ metric }: SceneSetting): number => SCENE_METRICS.indexOf(metric);
  const inOrder = settings.filter((each) => rank(each) >= 0).toSorted((a, b) => rank(a) - rank(b));
  return devices
    .filter((device) => ROOM_CLASSES.includes(device.class))
    .toSorted((a, b) => (a.path === b.path ? compare(a.key, b.key) : compare(a.path, b.path)))
    .flatMap((device) =>
      inOrder
        .filter((setting) => setting.class === device.class)
        .flatMap((setting) => itemOf(device, setting) ?? []),
    );
}

function itemOf(device: RoomDevice, { metric, value }: SceneSetting): RoomItem | undefined {
  const known = device.metrics.find(({ name }) => name === metric);
  if (known === undefined) return undefined;
  const { key, title, path, health } = device;
  const away = health === "unreachable" || health === "stale";
  const is = known.quality.status === "good" && amounts(known.value, value);
  return { device: key, title, path, metric, value, state: away ? "away" : is ? "already" : "waiting" };
}

/** A projector that cools is going off, and one that warms up is going on: it takes no second command. */
function amounts(is: unknown, wanted: SceneSetting["value"]): boolean {
  if (is === wanted) return true;
  return (is === "cooling" && wanted === "off") || (is === "warming" && wanted === "on");
}

/** What a scene would be that brings a room back to how it is now. */
export function settingsOf(devices: readonly RoomDevice[]): readonly SceneSetting[] {
  const settings = new Map<string, SceneSetting>();
  for (const { class: deviceClass, metrics } of devices) {
    if (!ROOM_CLASSES.includes(deviceClass)) continue;
    for (const { name, value, quality } of metrics) {
      if (!SCENE_METRICS.includes(name) || quality.status !== "good") continue;
      if (typeof value !== "boolean" && typeof value !== "number" && typeof value !== "string") continue;
      const settled = value === "cooling" ? "off" : value === "warming" ? "on" : value;
      settings.set(`${deviceClass} ${name}`, { class: deviceClass, metric: name, value: settled });
    }
  }
  return [...settings.values()];
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

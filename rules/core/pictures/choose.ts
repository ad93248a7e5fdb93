/**
 * Which cameras are asked for a picture of an alarm, the best first, and why each.
 *
 * What somebody has declared comes before what the asset tree suggests. By the tree only a camera in the same place
 * counts, or one where everybody passes on the way there: another room's camera sees other people's business.
 */
import { type AssetPath, isWithin, type LocalText } from "@campus-ops/device-profiles/vocabulary";
import type { CameraChoice } from "../../api.ts";
import type { Device } from "../device.ts";

/** Cameras tried for one alarm. */
export const CAMERAS_TRIED_MAX = 3;

/** Spaces that are on the way to others, by the first word of their id: `corridor`, `hall-2`. */
export const PASSAGES: readonly string[] = [
  "corridor",
  "hall",
  "lobby",
  "stairs",
  "entrance",
  "gate",
  "main",
];

export interface Camera {
  readonly key: string;
  readonly title: LocalText;
  readonly path: AssetPath;
  readonly online: boolean;
  /** Keys of devices and asset paths that it is declared to look at. */
  readonly sees: readonly string[];
  /** It gives clips as well. */
  readonly clips?: true;
}

/** Those of a campus, as they are now. */
export function* camerasOf(campus: string, devices: Iterable<Device>): Generator<Camera> {
  for (const { campus: own, facts, key, online, retired } of devices) {
    if (own !== campus || facts.class !== "camera" || retired) continue;
    const { clips, path, sees = [], title } = facts;
    yield { key, online, title, path, sees, ...(clips === undefined ? {} : { clips }) };
  }
}

export interface ChosenCamera {
  readonly camera: Camera;
  readonly why: CameraChoice;
}

/** How near each reason is; smaller is nearer. */
const RANK: Readonly<Record<CameraChoice, number>> = {
  itself: 0,
  "sees-device": 1,
  "sees-place": 2,
  "same-place": 3,
  "same-floor": 4,
  "same-building": 5,
};

/** In the same order whatever order the cameras come in. Those that answer come before those that do not. */
export function camerasFor(
  subject: { readonly key: string; readonly path: AssetPath },
  cameras: Iterable<Camera>,
): readonly ChosenCamera[] {
  const found: (ChosenCamera & { readonly declared: number })[] = [];
  for (const camera of cameras) {
    const why = reasonFor(subject, camera);
    if (why !== undefined) found.push({ camera, why, declared: declaredDepth(subject.path, camera) });
  }
  return found
    .toSorted(
      (a, b) =>
        Number(b.camera.online) - Number(a.camera.online) ||
        RANK[a.why] - RANK[b.why] ||
        b.declared - a.declared ||
        (a.camera.key < b.camera.key ? -1 : 1),
    )
    .map(({ camera, why }) => ({ camera, why }));
}

function reasonFor(
  { key, path }: { readonly key: string; readonly path: AssetPath },
  camera: Camera,
): CameraChoice | undefined {
  if (camera.key === key) return "itself";
  if (camera.sees.includes(key)) return "sees-device";
  if (declaredDepth(path, camera) > 0) return "sees-place";
  if (camera.path === path) return "same-place";
  if (!isPassage(camera.path)) return undefined;
  if (floorOf(camera.path) !== undefined && floorOf(camera.path) === floorOf(path)) return "same-floor";
  const building = buildingOf(path);
  return building !== undefined && building === buildingOf(camera.path) ? "same-building" : undefined;
}

/** Levels of the longest declared place that holds `path`; 0 when none does. */
function declaredDepth(path: AssetPath, { sees }: Camera): number {
  const holding = sees.filter((place) => isWithin(path, place));
  return Math.max(0, ...holding.map((place) => place.split("/").length));
}

/** A camera of a building or floor as a whole hangs where everybody passes. */
function isPassage(path: AssetPath): boolean {
  const [, , , , , space] = path.split("/");
  return space === undefined || PASSAGES.includes(space.split("-")[0] ?? "");
}

const floorOf = (path: AssetPath): string | undefined => ancestor(path, 5);
const buildingOf = (path: AssetPath): string | undefined => ancestor(path, 4);

function ancestor(path: AssetPath, levels: number): string | undefined {
  const segments = path.split("/");
  return segments.length < levels ? undefined : segments.slice(0, levels).join("/");
}

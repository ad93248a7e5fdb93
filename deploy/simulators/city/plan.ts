/** How a demonstration is described: places, boxes and devices, and nothing that can be derived from them. */
import type { LocalText } from "@campus-ops/device-profiles/vocabulary";

export interface CityPlan {
  readonly code: string;
  readonly title: LocalText;
  readonly counties: readonly CountyPlan[];
}

export interface CountyPlan {
  readonly code: string;
  readonly title: LocalText;
  readonly campuses: readonly CampusPlan[];
}

export interface CampusPlan {
  readonly id: string;
  readonly title: LocalText;
  /** The one edge box. */
  readonly node: { readonly id: string; readonly title: LocalText };
  /** Titles of buildings, floors and spaces by their path below the campus. */
  readonly places: Readonly<Record<string, LocalText>>;
  readonly devices: readonly DevicePlan[];
}

export interface DevicePlan {
  readonly id: string;
  /** Id in the catalogue of profiles. */
  readonly profile: string;
  readonly title: LocalText;
  /** Path below the campus. */
  readonly at: string;
  /** The switch it hangs from. */
  readonly dependsOn?: string;
  /** Of a camera: the device of the same campus that records it. */
  readonly recordedBy?: { readonly device: string };
  /** Polls faster than its profile says, so that a school day fits into minutes. */
  readonly pollInterval_ms?: number;
  /** Put up, and in no configuration yet: for somebody to find and to put into service. */
  readonly isNew?: true;
}

/** A device with everything that is known from where it stands in the plan. */
export interface PlacedDevice extends DevicePlan {
  readonly campus: string;
  readonly node: string;
  /** `campus/node/device` */
  readonly key: string;
}

export function campusesOf(city: CityPlan): readonly CampusPlan[] {
  return city.counties.flatMap(({ campuses }) => campuses);
}

export function devicesOf(city: CityPlan): readonly PlacedDevice[] {
  return campusesOf(city).flatMap((campus) =>
    campus.devices.map((device) => ({
      ...device,
      campus: campus.id,
      node: campus.node.id,
      key: `${campus.id}/${campus.node.id}/${device.id}`,
    })),
  );
}

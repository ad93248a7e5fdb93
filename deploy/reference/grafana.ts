/** The dashboards of the demonstration's city, as they are committed. */
import { provisioningTree } from "@campus-ops/dashboards/grafana";
import { CampusId, type Site } from "@campus-ops/device-profiles/vocabulary";
import { LINLAN } from "../simulators/city/linlan.ts";

export function grafanaFiles(): [path: string, text: string][] {
  return [...provisioningTree(demonstrationCity())].map(([path, text]) => [
    `dashboards/grafana/provisioning/${path}`,
    text,
  ]);
}

export function demonstrationCity(): Site {
  const { code, title, counties } = LINLAN;
  return {
    city: { code, title },
    counties: counties.map((county) => ({
      ...county,
      campuses: county.campuses.map((campus) => ({ ...campus, id: CampusId(campus.id) })),
    })),
  };
}

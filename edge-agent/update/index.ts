/** Updates of a box that was made from the image; loaded where there is one. */
import { join } from "node:path";
import type { Log } from "@campus-ops/service/process";
import type { Agent } from "../agent.ts";
import type { Random } from "../core/backoff.ts";
import type { Clock } from "../core/clock.ts";
import { readIfThere } from "../enrolment/identity-files.ts";
import { BoxUpdate } from "./box-update.ts";
import { imageOf, type UpdatePlaces } from "./update-service.ts";

export { BoxUpdate, type BoxUpdateOptions } from "./box-update.ts";
export { updatePlaces } from "./update-service.ts";

export interface BoxUpdateParts {
  readonly agent: Pick<Agent, "show">;
  /** The agent's own. */
  readonly dataFolder: string;
  /** Where the box renews its certificate: it fetches its updates there too. */
  readonly hub: { readonly url: string; readonly pin: string; readonly identity: string };
  readonly places: UpdatePlaces;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Says that the box takes updates, and which. Undefined for a box that was not made from the image. */
export function openBoxUpdate({
  agent,
  dataFolder,
  hub,
  places,
  ...rest
}: BoxUpdateParts): BoxUpdate | undefined {
  const compatible = imageOf(places);
  if (compatible === undefined) return undefined;
  const { hostname, port } = new URL(hub.url);
  agent.show({ "Update/Compatible": compatible, "Update/Install": "" });
  return new BoxUpdate({
    ...rest,
    places,
    folder: join(dataFolder, "update"),
    source: {
      host: hostname.replaceAll(/[[\]]/g, ""),
      port: port === "" ? 443 : Number(port),
      pin: hub.pin,
      identity: () => readIfThere(hub.identity) ?? "",
      now: () => rest.clock.instant(),
    },
    onShown: (shown) =>
      agent.show(Object.fromEntries(Object.entries(shown).map(([name, value]) => [`Update/${name}`, value]))),
  });
}

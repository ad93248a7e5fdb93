/** A site to rehearse: the devices of an edge agent's configuration, or a list of profiles, each on a loopback port. */
import { readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { Profile } from "@campus-ops/device-profiles/profiles";
import { startSimulator } from "@campus-ops/device-profiles/simulator";
import { loadConfiguration } from "@campus-ops/edge-agent/configuration";
import { loadProfileFiles, SHIPPED } from "@campus-ops/edge-agent/profile-folder";
import { InvalidDocumentError, OperatorError } from "@campus-ops/service";
import { isMap, isSeq, parseDocument, stringify } from "yaml";
import { World, type WorldDevice } from "../../simulators/world.ts";

/** A device to play: its profile, and how its edge agent will log in. */
export interface SitePlan {
  readonly id: string;
  readonly profile: Profile;
  readonly port?: number;
  readonly username?: string;
  readonly secret?: string;
  readonly identity?: string;
  readonly dependsOn?: string;
}

/** Every device of an edge agent's file, with the logins that it names. Throws {@link InvalidDocumentError}. */
export function planOfSite(file: string): readonly SitePlan[] {
  return loadConfiguration(file).devices.map(({ dependsOn, id, profile, target }) => ({
    id,
    profile,
    ...(target.username === undefined ? {} : { username: target.username }),
    ...(target.secret === undefined ? {} : { secret: target.secret }),
    ...(target.url.username === "" ? {} : { identity: decodeURIComponent(target.url.username) }),
    ...(dependsOn === undefined ? {} : { dependsOn }),
  }));
}

/** Profiles by id, or by the file that holds one; the second of a kind is called `…-2`. */
export function planOfProfiles(names: readonly string[], port: number): readonly SitePlan[] {
  const counts = new Map<string, number>();
  return names.map((name, index) => {
    const profile = profileNamed(name);
    const base = profile.id.slice(profile.id.indexOf("/") + 1);
    const count = (counts.get(base) ?? 0) + 1;
    counts.set(base, count);
    return {
      id: count === 1 ? base : `${base}-${count}`,
      profile,
      ...(port === 0 ? {} : { port: port + index }),
    };
  });
}

function profileNamed(name: string): Profile {
  const shipped = SHIPPED.find(name);
  if (shipped !== undefined) return shipped;
  if (/\.ya?ml$/.test(name)) {
    const [loaded] = loadProfileFiles([name]);
    if (loaded?.profile !== undefined) return loaded.profile;
    throw new InvalidDocumentError(loaded?.problems ?? []);
  }
  const known = SHIPPED.ids.map((id) => `  ${id}`).join("\n");
  throw new OperatorError(`there is no profile ${JSON.stringify(name)}; there are:\n${known}`);
}

/** Starts them all. Where one cannot start, those that did are closed and it rejects. */
export async function startSite(plans: readonly SitePlan[]): Promise<World> {
  const started: WorldDevice[] = [];
  try {
    for (const { dependsOn, id, profile, ...options } of plans) {
      const simulated = await startSimulator(profile, options);
      started.push({
        key: id,
        profile: profile.id,
        simulated,
        ...(dependsOn === undefined ? {} : { dependsOn }),
      });
    }
  } catch (error) {
    await new World(started).close();
    throw error;
  }
  return new World(started);
}

/** Beside the original, because its relative paths are relative to there. */
export const rehearsalFile = (file: string): string =>
  join(dirname(resolve(file)), `${basename(file).replace(/\.ya?ml$/, "")}.rehearsal.yaml`);

/** The edge agent's file with the simulated devices' addresses in place of the real ones; comments stay. */
export function rehearsalOf(file: string, world: World): string {
  const document = parseDocument(readFileSync(file, "utf8"));
  const urls = new Map(world.list().map(({ key, url }) => [key, url]));
  const devices = document.get("devices");
  for (const item of isSeq(devices) ? devices.items : []) {
    if (isMap(item)) item.set("url", urls.get(String(item.get("id"))) ?? "");
  }
  document.commentBefore = [
    " 预演：设备都是模拟的，由 campus-ops simulate 启动 · a rehearsal with simulated devices",
    ...(document.commentBefore == null ? [] : [document.commentBefore]),
  ].join("\n");
  return document.toString({ lineWidth: 0 });
}

/** `devices:` of an edge agent's configuration for a list of profiles. */
export function devicesYaml(plans: readonly SitePlan[], world: World): string {
  const urls = new Map(world.list().map(({ key, url }) => [key, url]));
  const devices = plans.map(({ id, profile }) => ({
    id,
    profile: profile.id,
    title: profile.title,
    at: "a/1/101",
    url: urls.get(id) ?? "",
  }));
  return stringify({ devices }, { lineWidth: 0 }).trimEnd();
}

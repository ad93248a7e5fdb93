/** `campus-ops simulate`: one simulated device, for trying a profile or an edge agent's configuration. */
import { findProfile, PROFILES } from "@campus-ops/device-profiles/profiles";
import { startSimulator } from "@campus-ops/device-profiles/simulator";
import { OperatorError } from "@campus-ops/service";

/** Runs until it is asked to stop. */
export async function simulate(profileId: string | undefined, port: number): Promise<void> {
  const profile = findProfile(profileId ?? "");
  if (profile === undefined) {
    const known = PROFILES.map(({ id }) => `  ${id}`).join("\n");
    throw new OperatorError(`there is no profile ${JSON.stringify(profileId ?? "")}; there are:\n${known}`);
  }
  const device = await startSimulator(profile, { port });
  console.log(`${profile.id} at ${device.url}; Ctrl-C ends it`);
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
  await device.close();
}

import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startSimulator } from "@campus-ops/device-profiles/simulator";
import { afterEach, expect, test } from "vitest";
import { loadConfiguration } from "./configuration.ts";
import { watchFiles } from "./configuration-watch.ts";
import { startAedes } from "./testing/brokers.ts";
import { CAMPUS, NODE, startAgent, temporaryFolder } from "./testing/test-agent.ts";
import { TestHost } from "./testing/test-host.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const PROFILE = `id: environment-sensor/our-transmitter
protocol: modbus
vendor: generic
model: TH-1
title: { zh: 变送器, en: Transmitter }
sources: ["TH-1 manual, page 7"]
poll: 100ms
points:
  Environment/Temperature: { input: 1, type: int16, divisor: 10 }
`;
const MORE = `${PROFILE}  Environment/Humidity: { input: 2, type: uint16, divisor: 10 }\n`;

test("a profile that is saved is taken up by the agent that runs; one that is not right changes nothing", async () => {
  const folder = temporaryFolder();
  closing.push(() => folder.remove());
  const profiles = join(folder.path, "profiles");
  mkdirSync(profiles);
  const save = (text: string): void => {
    writeFileSync(join(profiles, "th.yaml.new"), text);
    renameSync(join(profiles, "th.yaml.new"), join(profiles, "th.yaml"));
  };
  const broker = await startAedes();
  closing.push(() => broker.stop());
  const file = join(folder.path, "edge.yaml");
  const configure = (url: string): void =>
    writeFileSync(
      file,
      `campus: { id: ${CAMPUS}, path: 990100/990102/${CAMPUS} }
node: { id: ${NODE}, title: { zh: 边缘盒, en: Edge box } }
broker: { url: "${broker.url}" }
profilesFolder: profiles
devices:
  - { id: th-1, profile: environment-sensor/our-transmitter, title: { zh: 温湿, en: TH }, at: a/1/101, url: "${url}" }
`,
    );
  // The device has both registers all the time; the first profile knows of one.
  save(MORE);
  configure("modbus://127.0.0.1:1");
  const [{ profile } = { profile: undefined }] = loadConfiguration(file).devices;
  if (profile === undefined) throw new Error("no device");
  const device = await startSimulator(profile);
  closing.push(() => device.close());
  device.set("Environment/Humidity", 45);
  save(PROFILE);
  configure(device.url);

  const hub = await TestHost.start({ url: broker.url, campus: CAMPUS, node: NODE });
  closing.push(() => hub.stop());
  const settings = loadConfiguration(file);
  const agent = startAgent(settings, folder.path);
  closing.push(() => agent.stop());
  const reload = (): void => void agent.reload(() => loadConfiguration(file));
  const watch = watchFiles(file, settings.profilesFolder, reload, (error) => {
    throw error;
  });
  closing.push(() => watch.close());
  const latest = (metric: string) =>
    hub.arrivals
      .flatMap(({ samples }) => samples)
      .filter((each) => each.metric === metric)
      .at(-1)?.value;
  await hub.until(() => latest("Environment/Temperature") === 0);
  expect(latest("Environment/Humidity")).toBeUndefined();

  save(MORE.replace("int16", "int17"));
  await expect.poll(() => agent.reloads("refused"), { timeout: 10_000 }).toBe(1);
  device.set("Environment/Temperature", 21.5);
  await hub.until(() => latest("Environment/Temperature") === 21.5);

  save(MORE);
  await hub.until(() => latest("Environment/Humidity") === 45);
  expect(agent.reloads("applied")).toBe(1);
});

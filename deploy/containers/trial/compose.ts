/**
 * `deploy/compose/scale-out.yaml` as it is, by podman-compose: a box reports through its certificate, a person sees the reading and
 * the alarm at the console, a worker of each kind is killed, and both go on. To be run in a network of its own.
 */
import { strict as assert } from "node:assert";
import { cpSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { AlarmList, DeviceView } from "@campus-ops/dashboards/api";
import type { QueryResult } from "@campus-ops/ingest/api";
import { run } from "../../image/command.ts";
import { eventually } from "../../testing/awaiting.ts";
import { ConsolePerson } from "../../testing/console-person.ts";
import { GATE, LoadEdge } from "../../testing/load/load-edge.ts";
import { FILE, ROOT, services } from "./compose-file.ts";
import type { Engine } from "./engine.ts";
import { BOX } from "./images.ts";
import { makeSecrets } from "./secrets.ts";

const PROJECT = "campus-ops-trial";
/** Of a machine that does other things meanwhile. */
const COME_MS_MAX = 600_000;
const LOG_LINES = 40;
/** Nobody else's: the console lives as long as the trial. */
const PASSWORD = "orange tram over river";
const METRIC = "Port/1/InOctets";
const [SOURCE, HOST] = ["source-1", `city-${BOX.campus}`];
const SWIPES = 3;
/** The hub's own rules raise alarms besides, of the gate as well: one card that is refused five times is one. */
const GATE_KEY = `${BOX.campus}/${BOX.node}/${GATE}`;
const REFUSED = "load-refused";

/** Throws with the last words of the containers when something does not come. */
export async function composeTrial(
  engine: Engine,
  folder: string,
  onStep: (step: string) => void,
): Promise<void> {
  // What a trial that was broken off has left.
  engine.podman(["rm", "--all", "--force", "--volumes"]);
  engine.podman(["volume", "rm", "--all", "--force"]);
  rmSync(folder, { recursive: true, force: true });
  for (const each of ["deploy/compose", "deploy/kubernetes/base"])
    cpSync(join(ROOT, each), join(folder, each), { recursive: true });
  mkdirSync(join(folder, "box"));
  const { authority, box: tls } = await makeSecrets(
    join(folder, "deploy/compose/secrets"),
    join(folder, "box"),
  );
  const compose = (...words: readonly string[]): string => composed(engine, folder, words);
  const person = new ConsolePerson("https://127.0.0.1:8080", { authority });
  const edge = new LoadEdge({
    folder: join(folder, "outbox"),
    url: "mqtts://127.0.0.1:8883",
    tls,
    campus: BOX.campus,
    campusPath: `990100/990102/${BOX.campus}`,
    node: BOX.node,
    host: HOST,
    sources: 1,
    ports: 1,
    since: Date.now(),
    step_ms: 100,
  });
  const alarms = async (): Promise<AlarmList["alarms"]> =>
    (await person.ask<AlarmList>("GET", "/alarms?state=all&limit=100")).alarms.filter(
      ({ device, rule }) => device.key === GATE_KEY && rule === REFUSED,
    );
  const alarmsAre = (count: number) =>
    eventually(
      `${count} alarms`,
      async () => ((await alarms()).length === count ? true : undefined),
      COME_MS_MAX,
    );
  try {
    // An administrator alone answers for accounts; the duty leader answers alarms.
    const roles = ["administrator", "duty-leader"].flatMap((role) => ["--role", role, "--at", ""]);
    run(
      "podman-compose",
      [
        ...projectWords(folder),
        "run",
        "--rm",
        "-T",
        "--no-deps",
        "--entrypoint",
        "campus-ops",
        "console",
        "accounts",
        "add",
        "admin",
        ...roles,
      ],
      { input: `${PASSWORD}\n`, environment: engine.environment },
    );
    onStep("the first account is made");
    compose("up", "--detach", "--no-build");
    onStep("all containers are started");
    await eventually(
      "somebody can sign in",
      async () => person.signIn("admin", PASSWORD).then(() => true),
      COME_MS_MAX,
    );
    onStep("somebody is signed in at the console");
    await eventually(
      "a pack of rules is taken",
      async () => person.ask("PUT", "/rule-packs/own/load", { text: pack() }).then(() => true),
      COME_MS_MAX,
    );
    edge.connect();
    await eventually("the box is born", async () => edge.node.born || undefined, COME_MS_MAX);
    onStep("a box has come by its certificate, and its host is there");
    await edge.report(SOURCE);
    await reads(person, 1);
    onStep("a reading is at the console, and in VictoriaMetrics");
    await swipe(edge, SWIPES);
    await alarmsAre(SWIPES);
    const [first] = await alarms();
    await person.ask("POST", `/alarms/${first?.id}/acknowledge`, { comment: "seen" });
    onStep("alarms are raised, and one is acknowledged");
    for (const [name, { healthcheck }] of Object.entries(services())) {
      if (healthcheck === undefined) continue;
      // As Docker asks it: podman-compose 1.0 gets the quotes of a check wrong.
      const [, ...check] = healthcheck.test;
      await eventually(
        `${name} is healthy`,
        async () => engine.podman(["exec", container(name), ...check]).trim() || true,
        COME_MS_MAX,
      );
    }
    onStep("each health check holds");
    for (const kind of ["ingest", "rules"]) {
      const was = (await alarms()).length;
      const holder = await eventually(
        `one of ${kind} holds the campus`,
        async () => [1, 2].find((each) => holds(engine, `${kind}-${each}`)),
        COME_MS_MAX,
      );
      engine.podman(["kill", container(`${kind}-${holder}`)]);
      const killed = performance.now();
      await swipe(edge, 1);
      await alarmsAre(was + 1);
      const seconds = ((performance.now() - killed) / 1_000).toFixed(1);
      onStep(`${kind}-${holder} is killed; ${seconds} s later the alarm of a swipe after it is on the list`);
    }
    await eventually("the outbox is empty", async () => edge.isEmpty || undefined, COME_MS_MAX);
    assert.equal((await alarms()).length, SWIPES + 2);
    onStep("every swipe is one alarm, and nothing waits at the box");
  } catch (error) {
    for (const name of Object.keys(services())) {
      try {
        console.error(`--- ${name}\n${engine.log(container(name), LOG_LINES)}`);
      } catch {
        console.error(`--- ${name} has no log`);
      }
    }
    throw error;
  } finally {
    await edge.stop();
    await person.leave();
    compose("down", "--volumes");
  }
}

const projectWords = (folder: string): readonly string[] => ["-p", PROJECT, "-f", join(folder, FILE)];

const composed = (engine: Engine, folder: string, words: readonly string[]): string =>
  run("podman-compose", [...projectWords(folder), ...words], { environment: engine.environment });

const container = (service: string): string => `${PROJECT}_${service}_1`;

/** The last of what it says of its campus is that it has taken it on. */
function holds(engine: Engine, service: string): boolean {
  const said = engine.podman(["logs", container(service)]).split("\n");
  const last = said.findLast((line) =>
    /has (taken on|handed over) a campus|has handed a campus over/.test(line),
  );
  return last?.includes("has taken on a campus") ?? false;
}

async function swipe(edge: LoadEdge, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) await edge.refuse();
}

async function reads(person: ConsolePerson, value: number): Promise<void> {
  const device = `${BOX.campus}/${BOX.node}/${SOURCE}`;
  await eventually(
    "the device is there",
    async () => person.ask<DeviceView>("GET", `/devices/${device}`).then(() => true),
    COME_MS_MAX,
  );
  const range = { from: Date.now() - 3_600_000, to: Date.now() + 3_600_000 };
  await eventually(
    "the reading is in the store",
    async () => {
      const { series } = await person.ask<QueryResult>("POST", "/query", {
        metric: METRIC,
        device,
        ...range,
      });
      return series[0]?.points.some(([, read]) => read === value) || undefined;
    },
    COME_MS_MAX,
  );
}

/** Of a priority that somebody is told of. */
const pack = (): string =>
  readFileSync(join(ROOT, "deploy/testing/load/load-pack.yaml"), "utf8").replaceAll(
    "priority: 4",
    "priority: 3",
  );

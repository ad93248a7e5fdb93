/**
 * `deploy/compose/scale-out.yaml` as it is, by podman-compose: a box reports through its certificate, a person sees the reading and
 * the alarm at the console, a worker of each kind is killed, and both go on. To be run in a network of its own.
 */
import { strict as assert } from "node:assert";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { AlarmList, DeviceView } from "@campus-ops/dashboards/api";
import type { QueryResult } from "@campus-ops/ingest/api";
import { eventually } from "../../testing/awaiting.ts";
import { ConsolePerson } from "../../testing/console-person.ts";
import { GATE, LoadEdge } from "../../testing/load/load-edge.ts";
import { ROOT, SCALE_OUT, servicesOf } from "./compose-file.ts";
import type { ComposeProject } from "./compose-project.ts";
import { BOX } from "./images.ts";
import { makeSecrets } from "./secrets.ts";

/** Of a machine that does other things meanwhile. */
const COME_MS_MAX = 600_000;
/** Nobody else's: the console lives as long as the trial. */
const PASSWORD = "orange tram over river";
const METRIC = "Port/1/InOctets";
const [SOURCE, HOST] = ["source-1", `city-${BOX.campus}`];
const SWIPES = 3;
/** The hub's own rules raise alarms besides, of the gate as well: one card that is refused five times is one. */
const GATE_KEY = `${BOX.campus}/${BOX.node}/${GATE}`;
const REFUSED = "load-refused";
/** A container that is paused is a machine that says nothing more: its connections stay open. */
const LOSSES = [
  ["kill", "ingest"],
  ["kill", "rules"],
  ["pause", "rules"],
  ["pause", "ingest"],
] as const;

/** The project is of {@link SCALE_OUT}. Rejects where something does not come. */
export async function scaleOutTrial(project: ComposeProject, onStep: (step: string) => void): Promise<void> {
  const { folder } = project;
  const boxFolder = join(folder, "box");
  mkdirSync(boxFolder);
  const { authority, box: tls } = await makeSecrets(join(folder, "deploy/compose/secrets"), boxFolder);
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
    const account = ["campus-ops", "console", "accounts", "add", "admin", ...roles];
    project.compose(["run", "--rm", "-T", "--no-deps", "--entrypoint", ...account], `${PASSWORD}\n`);
    onStep("the first account is made");
    project.compose(["up", "--detach", "--no-build"]);
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
    for (const [name, { healthcheck }] of Object.entries(servicesOf(SCALE_OUT)))
      if (healthcheck !== undefined)
        await eventually(`${name} is healthy`, async () => project.check(name) ?? true, COME_MS_MAX);
    onStep("each health check holds");
    for (const [how, kind] of LOSSES) {
      const was = (await alarms()).length;
      const holder = await eventually(
        `one of ${kind} holds the campus`,
        async () => holderOf(project, kind),
        COME_MS_MAX,
      );
      project.podman([how], holder);
      const lost = performance.now();
      await swipe(edge, 1);
      await alarmsAre(was + 1);
      const seconds = ((performance.now() - lost) / 1_000).toFixed(1);
      onStep(`${holder}: ${how}; ${seconds} s later the alarm of a swipe after it is on the list`);
      // There is somebody to take over the next time as well; who was only paused has been overtaken, and ends itself.
      project.podman([how === "pause" ? "unpause" : "start"], holder);
    }
    await eventually("the outbox is empty", async () => edge.isEmpty || undefined, COME_MS_MAX);
    assert.equal((await alarms()).length, SWIPES + LOSSES.length);
    onStep("every swipe is one alarm, and nothing waits at the box");
  } finally {
    await edge.stop();
    await person.leave();
  }
}

/** The container that holds the campus, as the workers' leases say it. */
function holderOf(project: ComposeProject, kind: string): string | undefined {
  const query = `SELECT address FROM campus_ops.leases WHERE role = '${kind}' AND expires_at > clock_timestamp()`;
  const psql = ["psql", "--username=campus_ops", "--tuples-only", "--no-align", "--command", query];
  return /^http:\/\/([\w-]+):/.exec(project.exec("postgres", psql))?.[1];
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

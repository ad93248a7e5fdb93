/**
 * `deploy/compose/one-host.yaml` as it is, by the steps of its README: `init`, an account, a token, a box in a container that enrols by
 * it, a device that is read, an alarm that is acknowledged and still there when the hub has been started again. To be run in a
 * network of its own.
 */
import { strict as assert } from "node:assert";
import { chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AlarmList, AlarmView, DeviceView } from "@campus-ops/dashboards/api";
import { eventually } from "../../testing/awaiting.ts";
import { ConsolePerson } from "../../testing/console-person.ts";
import {
  BUTTON,
  CAMPUS,
  CAMPUS_PATH,
  PLANNED,
  playButton,
  press,
  SITE_WORDS,
} from "../../testing/panic-box.ts";
import type { ComposeProject } from "./compose-project.ts";

const COME_MS_MAX = 600_000;
/** Nobody else's: the hub lives as long as the trial. */
const PASSWORD = "orange tram over river";
const NAME = "127.0.0.1";
/** User of the image. */
const EDGE = 10_002;

/** The project is of `one-host.yaml`. Rejects where something does not come. */
export async function oneHostTrial(project: ComposeProject, onStep: (step: string) => void): Promise<void> {
  const hub = (...words: readonly string[]): string => project.exec("hub", ["campus-ops", ...words]);
  const button = playButton();
  let guard: ConsolePerson | undefined;
  try {
    // Without --no-deps podman-compose 1.0 would build what is there.
    const answers = ["--name", NAME, "--administrator", "admin", ...SITE_WORDS];
    project.compose(
      ["run", "--rm", "-T", "--no-deps", "--service-ports", "hub", "init", ...answers],
      `${PASSWORD}\n`,
    );
    onStep("campus-ops init");
    // podman-compose 1.0 knows no profiles: it starts what is named.
    project.compose(["up", "--detach", "--no-build", "hub"]);
    await eventually("the hub is healthy", async () => project.check("hub") ?? true, COME_MS_MAX);
    onStep("the hub is started, and its health check holds");
    const gate = ["accounts", "add", "gate", "--role", "guard", "--at", CAMPUS_PATH];
    project.exec("hub", ["campus-ops", ...gate], `${PASSWORD}\n`);
    const authority = project.exec("hub", ["cat", "/var/lib/campus-ops-hub/pki/ca.crt"]);
    const person = new ConsolePerson(`https://${NAME}:8080`, { authority });
    guard = person;
    await person.signIn("gate", PASSWORD);
    onStep("the lodge has an account and is signed in");

    project.exec("hub", ["sh", "-c", "cat > /tmp/devices.yaml"], PLANNED);
    const box = ["--campus", CAMPUS, "--node", "box-1", "--title", "一号盒/Box 1"];
    hub("enrol", "token", ...box, "--devices", "/tmp/devices.yaml", "--out", "/tmp/edge.conf");
    const seed = join(project.folder, "deploy/compose/seed");
    mkdirSync(seed);
    writeFileSync(join(seed, "edge.conf"), project.exec("hub", ["cat", "/tmp/edge.conf"]), { mode: 0o600 });
    for (const each of [seed, join(seed, "edge.conf")]) chownSync(each, EDGE, EDGE);
    project.upOnHost("edge");
    await eventually(
      "the device is read",
      async () =>
        (await person.get<DeviceView>(`/devices/${BUTTON}`)).health === "working" ? true : undefined,
      COME_MS_MAX,
    );
    assert.match(hub("enrol", "list"), /box-1/);
    onStep("a box in a container is enrolled by its seed, and its device is read");

    const alarmOf = async (): Promise<AlarmView | undefined> =>
      (await person.get<AlarmList>("/alarms?state=all&limit=50")).alarms.find(
        ({ device }) => device.key === BUTTON,
      );
    press(button);
    const alarm = await eventually("the alarm", alarmOf, COME_MS_MAX);
    await person.ask("POST", `/alarms/${alarm.id}/acknowledge`, { comment: "seen" });
    onStep("a button is pressed, and its alarm acknowledged at the console");

    project.podman(["restart"], "hub");
    const kept = await eventually("the alarm, again", alarmOf, COME_MS_MAX);
    assert.deepEqual([kept.id, kept.state], [alarm.id, "acknowledged"]);
    onStep(
      "the hub's container is another start of it: who was signed in still is, and the alarm is acknowledged",
    );
  } finally {
    button.kill();
    await guard?.leave();
  }
}

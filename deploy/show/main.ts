/**
 * `npm run show`: from machines with nothing on them to a fleet that runs, by the steps of docs/installer.md and with the
 * packages that people install; each step with the time it took. A hub and a box are machines of their own, with a cable
 * between them; at the end the hub's machine is lost, and another one goes on from its backup. Needs root.
 */
import type { ChildProcess } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import type { AlarmList, DeviceView } from "@campus-ops/dashboards/api";
import { buildEdgePackage, EDGE } from "../packages/edge.ts";
import { buildHubPackage, HUB } from "../packages/hub.ts";
import { Machine } from "../testing/machine.ts";
import { BUTTON, CAMPUS, CAMPUS_PATH, PLANNED, playButton, press, SITE_WORDS } from "../testing/panic-box.ts";

const [HUB_ADDRESS, BOX_ADDRESS] = ["198.18.78.1", "198.18.78.2"];
/** A made-up hub that nobody else sees, for a minute. */
const PASSWORD = "a long first password of 2026";
/** The administrator looks after the hub; alarms are the lodge's. */
type Account = "admin" | "gate";
const WAIT_S_MAX = 80;

const { values } = parseArgs({
  options: {
    /** A folder with the two packages for this machine's architecture; built anew unless said. */
    packages: { type: "string" },
    /** A Debian root that holds nothing of ours, made by mmdebstrap or debootstrap; this machine's files unless said. */
    root: { type: "string" },
  },
});

const shared = mkdtempSync(join(tmpdir(), "show-"));
// The hub's own user gets through to its place for backups.
chmodSync(shared, 0o755);
const machines: Machine[] = [];
let simulator: ChildProcess | undefined;

async function step<T>(what: string, work: () => T | Promise<T>): Promise<T> {
  const begun = performance.now();
  const result = await work();
  const seconds = (performance.now() - begun) / 1_000;
  console.log(`${seconds.toFixed(1).padStart(6)} s  ${what}`);
  return result;
}

async function machine(): Promise<Machine> {
  const made = await Machine.start({ shared, ...(values.root === undefined ? {} : { root: values.root }) });
  machines.push(made);
  return made;
}

const until = (condition: string): string =>
  `for i in $(seq ${WAIT_S_MAX * 5}); do if ${condition}; then exit 0; fi; sleep 0.2; done; echo 'never: ${condition.replaceAll("'", "")}'; exit 1`;
const install = (name: string): string => `dpkg -i /mnt/${packageFile(name)}`;
const packageFile = (name: string): string =>
  readdirSync(shared).find((file) => file.startsWith(`${name}_`)) ?? `${name}.deb`;

function ask<T>(hub: Machine, user: Account, method: string, path: string, body?: object): T {
  const more = body === undefined ? "" : `'${JSON.stringify(body)}'`;
  const node = `NODE_EXTRA_CA_CERTS=/var/lib/${HUB}/pki/ca.crt /usr/lib/${HUB}/node /mnt/ask.mjs`;
  return JSON.parse(hub.must(`${node} ${user} ${method} '${path}' ${more}`, PASSWORD)) as T;
}

async function eventually<T>(what: string, look: () => T | undefined): Promise<T> {
  for (const end = performance.now() + WAIT_S_MAX * 1_000; performance.now() < end; ) {
    const seen = look();
    if (seen !== undefined) return seen;
    await new Promise((done) => setTimeout(done, 500));
  }
  throw new Error(`${what}: did not come within ${WAIT_S_MAX} s`);
}

const alarmOn = (hub: Machine) =>
  ask<AlarmList>(hub, "admin", "GET", "/api/v1/alarms?state=all&limit=50").alarms.find(
    ({ device }) => device.key === BUTTON,
  );

async function show(): Promise<void> {
  await step("packages of hub and edge agent", async () => {
    const given = values.packages;
    if (given !== undefined) {
      for (const file of readdirSync(given)) copyFileSync(join(given, file), join(shared, basename(file)));
      return;
    }
    const to = { architecture: "amd64", to: shared, node: process.execPath, level: 1 } as const;
    await buildHubPackage(to);
    await buildEdgePackage(to);
  });
  copyFileSync(join(import.meta.dirname, "ask.mjs"), join(shared, "ask.mjs"));
  const [hub, box] = await step("two machines with nothing on them, and a cable", async () => {
    const both = [await machine(), await machine()] as const;
    both[0].cable(HUB_ADDRESS, both[1], BOX_ADDRESS);
    return both;
  });
  await step("hub: package installed", () => hub.must(install(HUB)));
  await step("hub: campus-ops init", () => {
    const answers = SITE_WORDS.map((word) => `'${word}'`).join(" ");
    hub.must(`campus-ops init ${answers} --name ${HUB_ADDRESS} --administrator admin`, `${PASSWORD}\n`);
  });
  await step("hub: started, alarms can flow", () => hub.must(`systemctl start ${HUB}`));
  await step("box: package installed; it waits for a stick", () => box.must(install(EDGE)));
  simulator = playButton(box.pid);
  await step("hub: a stick with the seed and the planned devices", () => {
    writeFileSync(join(shared, "planned.yaml"), PLANNED);
    const which = `--campus ${CAMPUS} --node box-1 --title '一号盒/Box 1'`;
    hub.must(`campus-ops enrol token ${which} --devices /mnt/planned.yaml --out /mnt/edge.conf`);
  });
  await step("box: stick put in, enrolled, at work", () => {
    box.must(
      `mkdir -p /media/EDGECFG && mount -t tmpfs -o uid=$(id -u ${EDGE}),mode=700 stick /media/EDGECFG`,
    );
    box.must(
      `install -o ${EDGE} -m 600 /mnt/edge.conf /media/EDGECFG/.new && mv /media/EDGECFG/.new /media/EDGECFG/edge.conf`,
    );
    box.must(`systemctl start ${EDGE}-seed`);
    box.must(until(`systemctl is-active --quiet ${EDGE} && grep -q enrolled /media/EDGECFG/*STATUS.txt`));
  });
  await step("hub: the box is listed", () => hub.must("campus-ops enrol list | grep box-1"));
  await step("hub: the device is read", () =>
    eventually("a first reading", () => {
      try {
        return ask<DeviceView>(hub, "admin", "GET", `/api/v1/devices/${BUTTON}`).health === "working"
          ? true
          : undefined;
      } catch {
        return undefined;
      }
    }),
  );
  await step("hub: an account for the lodge", () =>
    hub.must(`campus-ops accounts add gate --role guard --at ${CAMPUS_PATH}`, `${PASSWORD}\n`),
  );
  const alarm = await step("the panic button is pressed, and its alarm stands at the desk", () => {
    if (simulator !== undefined) press(simulator);
    return eventually("the alarm", () => alarmOn(hub));
  });
  await step("the alarm is acknowledged", () =>
    ask(hub, "gate", "POST", `/api/v1/alarms/${alarm.id}/acknowledge`, {}),
  );
  const backup = await step("a backup, proven by a restore of its own", () => {
    const key = hub.must("campus-ops backup key /mnt/hub-backup.key");
    const recipient = /age1\w+/.exec(key)?.[0] ?? "";
    const section = `backup:\n  to: [{ folder: /mnt/vault }]\n  recipients: [${recipient}]\n`;
    hub.must(
      `install -d -o ${HUB} /mnt/vault && cat >> /etc/${HUB}/hub.yaml && systemctl restart ${HUB}`,
      section,
    );
    hub.must("campus-ops backup");
    return hub.must("ls /mnt/vault").trim().split("\n").at(-1);
  });
  await step("the hub's machine is lost", () => hub.stop());
  const other = await step("another machine, with the hub's address", async () => {
    const made = await machine();
    made.cable(HUB_ADDRESS, box, BOX_ADDRESS);
    return made;
  });
  await step("other machine: package installed, backup restored, started", () => {
    other.must(install(HUB));
    other.must(
      `rmdir /etc/${HUB} && campus-ops restore /mnt/vault/${backup} --identity /mnt/hub-backup.key --configuration /etc/${HUB}`,
    );
    other.must(`systemctl start ${HUB}`);
  });
  await step("other machine: the alarm is there, acknowledged, and the box has come by itself", async () => {
    const there = await eventually("the alarm", () => alarmOn(other));
    if (there.id !== alarm.id || there.acknowledged === undefined)
      throw new Error("it is not the alarm that it was");
    await eventually("the device", () =>
      ask<DeviceView>(other, "admin", "GET", `/api/v1/devices/${BUTTON}`).health === "working"
        ? true
        : undefined,
    );
  });
}

if (process.getuid?.() !== 0) throw new Error("machines need root: sudo npm run show");
if (values.root !== undefined && !existsSync(values.root)) throw new Error(`there is no ${values.root}`);
const begun = performance.now();
try {
  await show();
  console.log(`${((performance.now() - begun) / 1_000).toFixed(1).padStart(6)} s  all of it`);
} finally {
  simulator?.kill();
  for (const each of machines) await each.stop();
  rmSync(shared, { recursive: true, force: true });
}

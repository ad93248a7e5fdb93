/**
 * The packages on a machine that runs systemd: older ones are upgraded, `campus-ops init` leads on, the hub runs shut in, a stick
 * brings a box into it, older packages are refused, removal keeps data, purging leaves nothing.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Machine } from "../testing/machine.ts";
import { buildPackage, type DebianPackage } from "./debian-package.ts";
import { buildEdgePackage, EDGE, edgePackage } from "./edge.ts";
import { buildHubPackage, HUB, hubPackage } from "./hub.ts";

const UNITS = resolve(import.meta.dirname, "../units");
/** Nothing but speed is asked of these packages. */
const QUICK = 1;
const TIMEOUT_MS = 180_000;
const PASSWORD = "a long first password of 2026";
const OLDER = "0.0.9";

/** What a box is given along; its line is not there. */
const PLANNED = JSON.stringify({
  campus: { id: "qiyun-no1", path: "990100/990102/qiyun-no1" },
  node: { id: "box-1", title: { zh: "一号盒", en: "Box" } },
  broker: { url: "mqtt://127.0.0.1" },
  devices: [
    {
      id: "gate-1",
      profile: "access-gate/generic-modbus-controller",
      title: { zh: "闸机", en: "Gate" },
      at: "a/1",
      url: "modbus+rtu:///dev/ttyNONE?unit=1",
    },
  ],
});

let folder: string;
let machine: Machine;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "hub-package-"));
  const to = { architecture: "amd64", to: folder, level: QUICK } as const;
  await buildHubPackage({ ...to, node: process.execPath, version: "0.1.0" });
  await buildEdgePackage({ ...to, node: process.execPath, version: "0.1.0" });
  older(hubPackage(OLDER, "amd64"));
  older(edgePackage(OLDER, "amd64"));
  machine = await Machine.start({ shared: folder });
}, TIMEOUT_MS);

afterAll(async () => {
  await machine?.stop();
  rmSync(folder, { recursive: true });
});

/** Of an older package only its number, its scripts and its units count. */
function older(about: DebianPackage): void {
  const tree = join(folder, about.name);
  const units = join(tree, "usr/lib/systemd/system");
  mkdirSync(units, { recursive: true });
  for (const unit of about.service?.units ?? []) copyFileSync(join(UNITS, unit), join(units, unit));
  buildPackage(about, tree, folder, QUICK);
}

const install = (name: string, version: string): string => `dpkg -i /mnt/${name}_${version}_amd64.deb`;

test(
  "an older one is upgraded, waits for init, runs as a service of its own user, and is left as it is by an older one",
  () => {
    machine.must(install(HUB, OLDER));
    machine.must(
      `echo kept > /var/lib/kept && install -D -o ${HUB} -m 600 /var/lib/kept /var/lib/${HUB}/kept`,
    );
    machine.must(install(HUB, "0.1.0"));
    expect(machine.must("campus-ops version")).toContain("campus-ops 0.1.0 on Node 24");
    expect(machine.must(`test -s /usr/share/doc/${HUB}/sbom.cdx.json && echo there`)).toBe("there\n");
    // Nothing to run yet: no failure either.
    expect(machine.must(`systemctl show --property ActiveState,Result ${HUB}`)).toBe(
      "Result=success\nActiveState=inactive\n",
    );

    const answers = [
      "--city 990100:临澜市/Linlan",
      "--county 990102:启云区/Qiyun",
      "--campus qiyun-no1:启云一中",
    ];
    const said = machine.must(
      `campus-ops init --lang en ${answers.join(" ")} --name 127.0.0.1 --administrator admin`,
      `${PASSWORD}\n`,
    );
    expect(said).toContain(`wrote /etc/${HUB}/hub.yaml`);
    expect(said).toContain(`systemctl start ${HUB}`);
    // The watchdog's minute would be this test's.
    const quick = `/run/systemd/system/${HUB}.service.d/quick.conf`;
    machine.must(
      `mkdir -p $(dirname ${quick}) && cat > ${quick}`,
      "[Service]\nWatchdogSec=8\nRestartSec=0\n",
    );
    machine.must(`systemctl daemon-reload && systemctl start ${HUB}`);
    expect(machine.must(`systemctl is-active ${HUB}`)).toBe("active\n");
    const health =
      "fetch('https://127.0.0.1:8080/healthz').then(async (each) => console.log(each.status, await each.text()))";
    expect(machine.must(`NODE_TLS_REJECT_UNAUTHORIZED=0 /usr/lib/${HUB}/node -e "${health}"`)).toContain(
      '200 {"status":"ok"',
    );
    expect(
      machine.must(`campus-ops enrol token --lang en --campus qiyun-no1 --node box-1 --out /srv`),
    ).toContain("wrote /srv/edge.conf");
    // Whoever made it, all of it is the hub's, and nobody else's to read.
    expect(
      machine.must(`find /var/lib/${HUB} /etc/${HUB} ! -user ${HUB} -o -perm /077 ! -path /etc/${HUB}`),
    ).toBe("");
    expect(machine.run(`grep -r "${PASSWORD}" /var/lib/${HUB} /etc/${HUB} /var/log /run/log`).code).toBe(1);
    const children = `ps -o user:32= --ppid $(systemctl show --value --property MainPID ${HUB})`;
    expect(machine.must(`${children} | sort -u`)).toBe(`${HUB}\n`);

    const { code, text } = machine.run(install(HUB, OLDER));
    expect(code).not.toBe(0);
    expect(text).toContain("version 0.1.0 is installed, which is newer than 0.0.9");
    expect(machine.must(`systemctl is-active ${HUB}`)).toBe("active\n");
  },
  TIMEOUT_MS,
);

test(
  "a stick with a seed brings a box into the hub: nothing is typed on it, and its agent runs shut in, with the serial binding",
  () => {
    machine.must(install(EDGE, OLDER));
    machine.must(install(EDGE, "0.1.0"));
    expect(machine.must(`systemctl show --value --property ActiveState ${EDGE}`)).toBe("activating\n");
    // A stick as the unit would mount it, were there a device; the agent waits for it and sees it come.
    machine.must(
      `mkdir /media/EDGECFG && mount -t tmpfs -o uid=$(id -u ${EDGE}),mode=700 stick /media/EDGECFG && cat > /mnt/planned.yaml`,
      PLANNED,
    );
    const which = "--campus qiyun-no1 --node box-1 --title 一号盒/Box";
    machine.must(`campus-ops enrol token ${which} --devices /mnt/planned.yaml --out /srv/seed`);
    machine.must(
      `chown ${EDGE} /srv/seed && mv /srv/seed /media/EDGECFG/edge.conf && systemctl start ${EDGE}-seed`,
    );
    machine.must(`until systemctl is-active --quiet ${EDGE}; do sleep 0.2; done`);

    expect(machine.must("cat /media/EDGECFG/*STATUS.txt")).toContain("enrolled");
    expect(machine.must("cat /media/EDGECFG/edge.conf")).not.toMatch(/^(token|令牌)/m);
    expect(machine.must("campus-ops enrol list --lang en")).toMatch(/qiyun-no1\/box-1 +(89|90) days left/);
    // It is born, so the hub's broker has taken its certificate and the hub has said that it is there.
    const socket = `/run/${EDGE}/edge-qiyun-no1-box-1.sock`;
    const ask = `require('http').get({socketPath: '${socket}', path: '/healthz'}, (answer) => answer.pipe(process.stdout))`;
    machine.must(`until /usr/lib/${EDGE}/node -e "${ask}" | grep -q '"status":"ok"'; do sleep 0.2; done`);
    expect(machine.must(`ps -o user:32= $(systemctl show --value --property MainPID ${EDGE})`)).toContain(
      EDGE,
    );
    // It looked for the line, by its native binding.
    machine.must(
      `until journalctl --no-pager --unit ${EDGE} | grep ttyNONE | grep -E 'No such file|ENOENT'; do sleep 0.2; done`,
    );

    // Whoever stands at the box asks it by its own command, which is the agent to files and lines.
    expect(machine.must("campus-ops-edge version")).toContain("campus-ops 0.1.0 on Node 24");
    expect(machine.must("campus-ops-edge check-config")).toContain("in order, 1 devices");
    const looked = machine.run("campus-ops-edge doctor --lang en --json");
    expect(looked.text).toContain("gate-1");
    // Its line is not there: something is broken.
    expect(looked.code).toBe(2);

    expect(machine.run(install(EDGE, OLDER)).text).toContain(
      "version 0.1.0 is installed, which is newer than 0.0.9",
    );
    machine.must(`dpkg -r ${EDGE}`);
    expect(machine.must(`ls /etc/${EDGE}`)).toContain("edge.yaml");
    machine.must(`dpkg -P ${EDGE}`);
    expect(machine.must(`ls -d /var/lib/${EDGE} /etc/${EDGE} /usr/lib/${EDGE} 2>/dev/null || true`)).toBe("");
  },
  TIMEOUT_MS,
);

test(
  "a hub that hangs is started again by its watchdog, and one whose configuration is wrong is not",
  () => {
    const started = `systemctl show --value --property NRestarts ${HUB}`;
    machine.must(`systemctl kill --kill-whom=main --signal=STOP ${HUB}`);
    machine.must(`until [ "$(${started})" -ge 1 ] && systemctl is-active --quiet ${HUB}; do sleep 0.2; done`);
    machine.must(`systemctl stop ${HUB} && echo 'broker: 7' > /etc/${HUB}/hub.yaml`);
    machine.run(`systemctl start ${HUB}`);
    expect(machine.must(`systemctl show --value --property Result,ExecMainStatus,SubState ${HUB}`)).toBe(
      "exit-code\n78\nfailed\n",
    );
  },
  TIMEOUT_MS,
);

test(
  "removal keeps the data, and purging leaves nothing",
  () => {
    machine.must(`dpkg -r ${HUB}`);
    expect(machine.must(`cat /var/lib/${HUB}/kept; ls /etc/${HUB}`)).toContain("kept\nhub.yaml");
    expect(machine.run("campus-ops version").code).not.toBe(0);
    machine.must(`dpkg -P ${HUB}`);
    expect(machine.must(`ls -d /var/lib/${HUB} /etc/${HUB} /usr/lib/${HUB} 2>/dev/null || true`)).toBe("");
    expect(machine.run(`getent passwd ${HUB}`).code).not.toBe(0);
  },
  TIMEOUT_MS,
);

test.each([HUB, EDGE])("the unit of %s is in order for systemd, and little exposed", (name) => {
  const file = `/tmp/${name}.service`;
  const { code, text } = machine.run(
    `cat > ${file} && systemd-analyze security --offline=true --threshold=20 --no-pager ${file}`,
    readFileSync(join(UNITS, `${name}.service`), "utf8"),
  );
  expect(code, text.split("\n").at(-2)).toBe(0);
  // A directive that this systemd does not know is said here.
  expect(text).not.toContain("Unknown");
});

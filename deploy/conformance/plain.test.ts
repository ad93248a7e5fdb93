/** Hosts and edge nodes of others, which know nothing of the acknowledged hand-off. They are npm `sparkplug-payload`'s. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProfile } from "@campus-ops/device-profiles/profiles";
import { startSimulator } from "@campus-ops/device-profiles/simulator";
import type { DeviceView, NodeView, QueryResult } from "@campus-ops/ingest/api";
import type { AlarmView } from "@campus-ops/rules/api";
import { socketPath } from "@campus-ops/service";
import { socketClient } from "@campus-ops/service/socket-client";
import { afterEach, describe, expect, test } from "vitest";
import { configuration, device, startAgent, temporaryFolder } from "../../edge-agent/testing/test-agent.ts";
import { eventually } from "../testing/awaiting.ts";
import { BROKERS, PASSWORD } from "../testing/conformance/brokers.ts";
import { configureHub } from "../testing/conformance/host-scenario.ts";
import { Peer } from "../testing/conformance/peer.ts";
import { startPlatformProcess } from "../testing/conformance/processes.ts";
import type { Message, WireMetric } from "../testing/conformance/recording.ts";
import { NODE_KEY, ThirdPartyNode } from "../testing/conformance/third-party-node.ts";

const GATE = "access-gate/generic-modbus-controller";
const SWIPES = 20;
/** Its waits have bounds of their own. */
const TEST_MS_MAX = 300_000;
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/**
 * A host as others write it: births teach it names, and it answers nothing. It reads with the generated protobuf reader
 * of `sparkplug-payload`; that package's own decoder finds no value where DATA leaves the datatype to the birth.
 */
class ThirdPartyHost {
  readonly metrics: { readonly name: string; readonly metric: WireMetric }[] = [];
  readonly #names = new Map<number, string>();

  take({ payload, type }: Message): void {
    for (const metric of payload.metrics ?? []) {
      const { alias = -1, name } = metric;
      if (type.endsWith("BIRTH") && name !== undefined) this.#names.set(alias, name);
      else if (type.endsWith("DATA"))
        this.metrics.push({ name: this.#names.get(alias) ?? `alias ${alias}`, metric });
    }
  }

  serials(): readonly number[] {
    return this.metrics.flatMap(({ metric: { templateValue }, name }) => {
      if (name !== "Access/Swipe") return [];
      const serial = templateValue?.metrics?.find((member) => member.name === "serial");
      return [Number(serial?.longValue ?? serial?.intValue)];
    });
  }
}

async function hubProcesses(brokerUrl: string) {
  const folder = mkdtempSync(join(tmpdir(), "campus-ops-plain-"));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  const file = configureHub(folder, brokerUrl);
  for (const main of ["ingest/main.ts", "rules/main.ts"]) {
    const running = await startPlatformProcess(main, file, folder);
    closing.push(() => running.stop("SIGTERM"));
  }
  const client = (name: string) => {
    const made = socketClient(socketPath(join(folder, "run"), name));
    closing.push(() => made.close());
    return made;
  };
  return { ingest: client("ingest"), rules: client("rules") };
}

describe.each(BROKERS)("on %s", (_name, startBroker) => {
  async function started() {
    const broker = await startBroker();
    closing.push(() => broker.stop());
    return broker.url;
  }

  test(
    "a host that never acknowledges gets every swipe of a plain agent once, and the outbox empties",
    async () => {
      const url = await started();
      const profile = findProfile(GATE);
      if (profile === undefined) throw new Error(`no profile ${GATE}`);
      const gate = await startSimulator(profile);
      closing.push(() => gate.close());
      const host = new ThirdPartyHost();
      const peer = await Peer.connect(url, "monitor", ["spBv1.0/#"]);
      closing.push(() => peer.end());
      const folder = temporaryFolder();
      closing.push(() => folder.remove());
      const settings = configuration(url, [device("gate-1", GATE, gate.url)]);
      const brokers = [{ url, username: "edge", password: PASSWORD }];
      const agent = startAgent({ ...settings, brokers, handoff: "plain" }, folder.path);
      closing.push(() => agent.stop());
      await expect.poll(() => [...agent.devices()][0]?.model.online).toBe(true);

      for (let serial = 1; serial <= SWIPES; serial += 1) {
        const credential = `A0${String(serial).padStart(4, "0")}`;
        gate.raise("Access/Swipe", {
          serial,
          credential,
          result: "granted",
          reason: "none",
          direction: "in",
        });
      }
      let read = 0;
      await eventually("every swipe", async () => {
        for (const message of peer.heard.all.slice(read)) host.take(message);
        read = peer.heard.all.length;
        return host.serials().length >= SWIPES ? true : undefined;
      });
      expect(host.serials().toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: SWIPES }, (_, index) => index + 1),
      );
      expect(
        host.metrics.filter(({ name }) => name.startsWith("Handoff/") || name.startsWith("alias ")),
      ).toEqual([]);
      await expect.poll(() => agent.outbox.recordCount).toBe(0);
      expect(agent.sender.stats().acknowledged).toBeGreaterThan(0);
    },
    TEST_MS_MAX,
  );

  test(
    "a node that knows no hand-off is shown, stored and alarmed on like any other, and is sent no acknowledgement",
    async () => {
      const url = await started();
      const { ingest, rules } = await hubProcesses(url);
      const values = {
        "Properties/Class": "panic-button",
        "Connectivity/Online": true,
        "Panic/Pressed": false,
      };
      const node = await ThirdPartyNode.connect(url, { id: "button-1", values });
      closing.push(() => node.end());
      await node.births();
      const key = `${NODE_KEY}/button-1`;
      const view = await eventually("the button is shown", async () => {
        const shown = (await (await ingest.fetch(`/devices/${key}`)).json()) as DeviceView;
        return shown.key === key ? shown : undefined;
      });
      expect([view.class, view.health]).toEqual(["panic-button", "working"]);

      const pressedAt = Date.now();
      await node.data({ "Panic/Pressed": true });
      const alarm = await eventually("the alarm", async () => {
        const alarms = (await (await rules.fetch("/alarms?state=active")).json()) as readonly AlarmView[];
        return alarms.find(({ device: { key: of } }) => of === key);
      });
      expect([alarm.priority, alarm.state]).toEqual([1, "unacknowledged"]);
      const points = await eventually("the stored points", async () => {
        const body = {
          metric: "Panic/Pressed",
          device: key,
          from: pressedAt - 60_000,
          to: pressedAt + 60_000,
        };
        const answer = await ingest.fetch("/query", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        });
        const { series } = (await answer.json()) as QueryResult;
        const found = series[0]?.points.map(([, value]) => value) ?? [];
        return found.length >= 2 ? found : undefined;
      });
      expect(points).toEqual([0, 1]);
      const nodes = (await (await ingest.fetch("/nodes")).json()) as readonly NodeView[];
      const shown = nodes.find((each) => each.key === NODE_KEY);
      expect(shown).toMatchObject({ online: true, samples: { received: 1, lost: 0 } });
      expect(node.heard.all).toEqual([]);
    },
    TEST_MS_MAX,
  );
});

/** Samples in: a message for each reading that changed, of the devices that were chosen. */
import { FEEDS } from "./feeds.ts";
import { Hub } from "./hub.ts";
import { accessOf, showConnection } from "./hub-node.ts";
import type { FlowNode, Red } from "./red.ts";

interface Definition {
  readonly hub?: string;
  /** Device class; all when empty. */
  readonly deviceClass?: string;
  /** Asset path; everything at or below it. */
  readonly path?: string;
  /** `Capability/Metric`, or `Capability/` for all of a capability; all when empty. */
  readonly metric?: string;
  /** Whether what holds at the start is sent, too. */
  readonly initial?: boolean;
}

interface DeviceView {
  readonly key: string;
  readonly class: string;
  readonly path: string;
  readonly title: { readonly zh: string; readonly en: string };
  readonly health: string;
  readonly metrics: readonly {
    readonly name: string;
    readonly value: unknown;
    readonly quality: { readonly status: string; readonly reason?: string };
    readonly eventTime: number;
  }[];
}

export function registerSamples(red: Red): void {
  red.nodes.registerType("campus-samples", function (this: FlowNode, definition: Definition) {
    red.nodes.createNode(this, definition);
    const access = accessOf(red, definition.hub);
    /** What was seen last, so that only what is new is sent. */
    const seen = new Map<string, string>();
    const take = (device: DeviceView, tell: boolean): void => {
      if (!isChosen(device, definition)) return;
      for (const { name, value, quality, eventTime } of device.metrics) {
        if (!isChosenMetric(name, definition.metric)) continue;
        const key = `${device.key} ${name}`;
        const now = JSON.stringify([value, quality.status, eventTime]);
        if (seen.get(key) === now) continue;
        seen.set(key, now);
        if (!tell) continue;
        this.send({
          topic: name,
          payload: value,
          campus: {
            device: device.key,
            title: device.title,
            class: device.class,
            path: device.path,
            metric: name,
            quality,
            eventTime,
          },
        });
      }
    };
    const lookAtAll = async (tell: boolean): Promise<void> => {
      try {
        const { devices } = await new Hub(access).get<{ devices: readonly DeviceView[] }>("/devices");
        for (const device of devices) take(device, tell);
      } catch (error) {
        this.error(error instanceof Error ? error.message : String(error));
      }
    };
    const ready = lookAtAll(definition.initial === true);
    const stop = FEEDS.listen(access, {
      event: ({ event, data }) => {
        if (event === "device") void ready.then(() => take(data as DeviceView, true));
      },
      state: (connected) => showConnection(this, connected),
      reset: () => void lookAtAll(true),
    });
    this.on("close", (done) => {
      stop();
      done();
    });
  });
}

function isChosen(device: DeviceView, { deviceClass = "", path = "" }: Definition): boolean {
  if (deviceClass !== "" && device.class !== deviceClass) return false;
  return path === "" || device.path === path || device.path.startsWith(`${path}/`);
}

function isChosenMetric(name: string, wanted = ""): boolean {
  return wanted === "" || name === wanted || (wanted.endsWith("/") && name.startsWith(wanted));
}

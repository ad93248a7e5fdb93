/**
 * The hub watches itself as it watches a box: its services are devices of a node of its own, told in the journal like
 * anything else. So a broker that is away, a full disk or a channel that reaches nobody is an alarm by an ordinary rule,
 * with a history, an explanation and somebody who acknowledges it.
 */
import type { NewEntry } from "@campus-ops/broker/journal";
import { encodePayload, type Metric, sampleToMetric } from "@campus-ops/broker/sparkplug";
import {
  type Address,
  type AssetPath,
  CampusId,
  DeviceId,
  GOOD,
  type LocalText,
  NodeId,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";

/** No campus may be called this. */
export const HUB_CAMPUS = CampusId("hub");
/** Services and flows beyond it are a mistake of who tells them. */
export const DEVICES_MAX = 500;
/** A reason is one line. */
const TEXT_CHARACTERS_MAX = 300;

export interface ServiceState {
  readonly title: LocalText;
  readonly working: boolean;
  /** Why it does not work, what is kept, and what to do; absent while it works. */
  readonly reason?: LocalText;
}

/** An alarm that a flow of the campus's own raises. */
export interface FlowAlarmState {
  readonly title: LocalText;
  readonly raised: boolean;
  readonly priority: 1 | 2 | 3 | 4;
  readonly text: LocalText;
}

export interface OwnNodeOptions {
  /** Tells one hub from another. */
  readonly id: string;
  /** Where the hub belongs: its city or county. */
  readonly path: AssetPath;
  readonly append: (entry: NewEntry) => Promise<unknown>;
  readonly now: () => Timestamp;
  /** The journal did not take it; it is told again at the next occasion. */
  readonly onRefused: (error: unknown) => void;
}

export class OwnNode {
  readonly #options: OwnNodeOptions;
  readonly #node: Omit<Address, "device">;
  /** What was told of each device, as JSON. */
  readonly #told = new Map<string, string>();
  #born = false;

  constructor(options: OwnNodeOptions) {
    this.#options = options;
    this.#node = { campus: HUB_CAMPUS, node: NodeId(options.id) };
  }

  /** Is told as often as one likes; written down when it says something new. Throws a RangeError beyond the bound. */
  tell(service: string, { title, working, reason }: ServiceState): void {
    this.#tell(service, "service", title, {
      "Service/Working": working,
      "Service/ReasonZh": (reason?.zh ?? "").slice(0, TEXT_CHARACTERS_MAX),
      "Service/ReasonEn": (reason?.en ?? "").slice(0, TEXT_CHARACTERS_MAX),
    });
  }

  /** As {@link tell}. */
  tellFlow(flow: string, { title, raised, priority, text }: FlowAlarmState): void {
    this.#tell(`flow-${flow}`, "flow", title, {
      "Flow/Raised": raised,
      "Flow/Priority": String(priority),
      "Flow/TextZh": text.zh.slice(0, TEXT_CHARACTERS_MAX),
      "Flow/TextEn": text.en.slice(0, TEXT_CHARACTERS_MAX),
    });
  }

  #tell(
    device: string,
    deviceClass: "service" | "flow",
    title: LocalText,
    values: Readonly<Record<string, string | boolean>>,
  ): void {
    const told = JSON.stringify(values);
    const before = this.#told.get(device);
    if (before === told) return;
    if (before === undefined && this.#told.size >= DEVICES_MAX)
      throw new RangeError(`the hub has ${DEVICES_MAX} services and flows already`);
    this.#told.set(device, told);
    const { path } = this.#options;
    if (!this.#born) {
      this.#born = true;
      this.#append("NBIRTH", undefined, properties("hub", { zh: "平台", en: "Platform" }, path), () => {
        this.#born = false;
        this.#told.clear();
      });
    }
    const about = before === undefined ? properties(deviceClass, title, path) : {};
    this.#append(before === undefined ? "DBIRTH" : "DDATA", device, { ...about, ...values }, () =>
      this.#told.delete(device),
    );
  }

  #append(
    kind: "NBIRTH" | "DBIRTH" | "DDATA",
    service: string | undefined,
    values: Readonly<Record<string, string | boolean>>,
    undo: () => void,
  ): void {
    const at = this.#options.now();
    const metrics = Object.entries(values).map(
      ([metric, value]): Metric => sampleToMetric({ metric, value, quality: GOOD, eventTime: at }),
    );
    const address = service === undefined ? this.#node : { ...this.#node, device: DeviceId(service) };
    const payload = encodePayload({ timestamp: at, seq: 0, metrics });
    this.#options.append({ kind, receivedAt: at, address, payload }).catch((error: unknown) => {
      undo();
      this.#options.onRefused(error);
    });
  }
}

function properties(
  deviceClass: string,
  title: LocalText,
  path: AssetPath,
): Readonly<Record<string, string>> {
  return {
    "Properties/Class": deviceClass,
    "Properties/TitleZh": title.zh,
    "Properties/TitleEn": title.en,
    "Properties/Path": path,
  };
}

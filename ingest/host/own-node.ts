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
/** Services beyond it are a mistake of who tells them. */
export const SERVICES_MAX = 200;
/** A reason is one line. */
const REASON_CHARACTERS_MAX = 300;

export interface ServiceState {
  readonly title: LocalText;
  readonly working: boolean;
  /** Why it does not work, what is kept, and what to do; absent while it works. */
  readonly reason?: LocalText;
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
  readonly #told = new Map<string, ServiceState>();
  #born = false;

  constructor(options: OwnNodeOptions) {
    this.#options = options;
    this.#node = { campus: HUB_CAMPUS, node: NodeId(options.id) };
  }

  /** Is told as often as one likes; written down when it says something new. Throws a RangeError beyond the bound. */
  tell(service: string, state: ServiceState): void {
    const before = this.#told.get(service);
    if (before !== undefined && isSame(before, state)) return;
    if (before === undefined && this.#told.size >= SERVICES_MAX)
      throw new RangeError(`the hub has ${SERVICES_MAX} services already`);
    this.#told.set(service, state);
    if (!this.#born) {
      this.#born = true;
      const title = { zh: "平台", en: "Platform" };
      this.#append("NBIRTH", undefined, properties("hub", title, this.#options.path), () => {
        this.#born = false;
        this.#told.clear();
      });
    }
    const { zh = "", en = "" } = state.reason ?? {};
    const values = {
      "Service/Working": state.working,
      "Service/ReasonZh": zh.slice(0, REASON_CHARACTERS_MAX),
      "Service/ReasonEn": en.slice(0, REASON_CHARACTERS_MAX),
    };
    const about = before === undefined ? properties("service", state.title, this.#options.path) : {};
    this.#append(before === undefined ? "DBIRTH" : "DDATA", service, { ...about, ...values }, () =>
      this.#told.delete(service),
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

const isSame = (a: ServiceState, b: ServiceState): boolean =>
  a.working === b.working && a.reason?.zh === b.reason?.zh && a.reason?.en === b.reason?.en;

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

import type { LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { EvidenceSample } from "../../api.ts";
import { evidenceOf, isKnown, type Series } from "../device.ts";
import { text } from "../explain.ts";
import { type BoundCondition, type Memory, NEVER, type Subject, type Verdict } from "./condition.ts";

/**
 * How long the births of its devices may follow the birth of a box. They follow at once; on a slow line, or where one is
 * lost and has to be asked for again, later.
 */
export const BIRTHS_MS_MAX = 60_000;

/**
 * A device that died (DDEATH) or whose edge box says that it is not online; an edge box that died (NDEATH). While the
 * box itself is away nobody knows about the devices behind it.
 */
export class UnreachableCondition implements BoundCondition {
  readonly #subject: Subject;
  readonly #online: Series;

  constructor(subject: Subject) {
    this.#subject = subject;
    this.#online = subject.device.watch("Connectivity/Online");
  }

  sample(): void {}
  event(): void {}

  verdict(at: Timestamp): Verdict {
    const { device, nodeOnline } = this.#subject;
    if (device.isNode) return !device.online;
    if (device.retired) return false;
    if (!nodeOnline()) return "unknown";
    // A box that has just started has not tried its devices yet.
    if (device.online && this.#isUntried()) return "unknown";
    if (at < this.#namedBy()) return "unknown";
    return !device.online || this.#saysOffline();
  }

  due(at: Timestamp): Timestamp {
    const by = this.#namedBy();
    return by > at && this.#subject.nodeOnline() ? by : NEVER;
  }

  late(): boolean {
    return false;
  }

  explain(): LocalText {
    const { device } = this.#subject;
    if (device.isNode) {
      return device.online
        ? text("边缘盒在线", "the edge box is connected")
        : text("边缘盒与平台的连接已断开", "the edge box lost its connection to the hub");
    }
    // What the box read says more than the death that follows it.
    if (this.#saysOffline()) return text("边缘盒访问不到该设备", "the edge box cannot reach the device");
    if (device.online) return text("设备在线", "the device is online");
    return device.withBox
      ? text("边缘盒恢复后没有再报告该设备", "the edge box has returned and says nothing of the device")
      : text("边缘盒报告设备已断开", "the edge box reports that the device is gone");
  }

  evidence(): readonly EvidenceSample[] {
    const { device } = this.#subject;
    const isRead = this.#online.eventTime > 0 && (device.online || this.#saysOffline());
    if (isRead) return [evidenceOf(device.key, this.#online)];
    // A death certificate is a reading too: “not online”, as of the entry that brought it.
    return [
      {
        device: device.key,
        name: "Connectivity/Online",
        value: device.online,
        quality: { status: "good" },
        eventTime: device.changedAt,
        journalSeq: device.changedSeq,
      },
    ];
  }

  save(): Memory {
    return null;
  }

  idle(): boolean {
    return true;
  }

  /** Until then a device that went with its box is waited for; the past where it did not, or has been born again. */
  #namedBy(): Timestamp {
    const { device, nodeSince } = this.#subject;
    return device.withBox ? Math.max(device.changedAt, nodeSince()) + BIRTHS_MS_MAX : 0;
  }

  #isUntried(): boolean {
    const { quality, value } = this.#online;
    return value === false && quality.status === "bad" && quality.reason === "not-read";
  }

  #saysOffline(): boolean {
    return this.#online.value === false && (isKnown(this.#online.quality) || isUnreachable(this.#online));
  }
}

/** “Not online” may come with the reason why nothing can be read, and is no less certain for it. */
function isUnreachable({ quality }: Series): boolean {
  return quality.status !== "good" && quality.reason === "unreachable";
}

/** What ingest knows of the hub's own parts, in an operator's words: what happened, what is kept, what to do. */
import type { LocalText } from "@campus-ops/device-profiles/vocabulary";
import type { DiskRoom } from "../core/disk-room.ts";
import type { OwnNode, ServiceState } from "./own-node.ts";

export interface OwnServices {
  /** Whether the broker is connected. */
  readonly broker: boolean;
  /** Projections that cannot write, and why. */
  readonly away: ReadonlyMap<string, string>;
  /** Telemetry was lost a moment ago, because more came than the hub can take. */
  readonly isFlooded: boolean;
  /** Absent when nobody watches the disk. */
  readonly room: DiskRoom | undefined;
}

const TITLES = {
  broker: { zh: "消息服务器", en: "Broker" },
  registry: { zh: "设备登记库", en: "Device registry" },
  store: { zh: "时序库", en: "Time-series store" },
  disk: { zh: "数据磁盘", en: "Data disk" },
  reception: { zh: "数据接收", en: "Reception" },
} as const;

const BROKER_AWAY: LocalText = {
  zh: "连接不上消息服务器。边缘盒保留全部数据，恢复后自动补传；请检查该服务器",
  en: "The broker does not answer. Edge boxes keep everything and send it afterwards; look after the broker",
};
const FLOODED: LocalText = {
  zh: "上报量超出平台能力：报警优先、不丢；未编号的第三方节点有遥测丢失。请查找哪个节点上报过密，见日志",
  en: "More comes than the platform can take. Alarms go first and none is lost; telemetry of third-party nodes is. The log names them: find who sends too often",
};
const DISK: Readonly<Record<Exclude<DiskRoom, "ample">, LocalText>> = {
  low: {
    zh: "磁盘将满，遥测暂留在边缘盒，报警照常；请清理磁盘",
    en: "The disk is nearly full. Telemetry waits at the edges, alarms pass; make room",
  },
  exhausted: {
    zh: "磁盘已满，数据暂留在边缘盒；请立即清理磁盘",
    en: "The disk is full. Data waits at the edges; make room now",
  },
};

export function tellServices(
  own: Pick<OwnNode, "tell">,
  { broker, away, isFlooded, room }: OwnServices,
): void {
  own.tell("broker", state("broker", broker ? undefined : BROKER_AWAY));
  for (const name of ["registry", "store"] as const) {
    const why = away.get(name);
    own.tell(name, state(name, why === undefined ? undefined : cannotWrite(why)));
  }
  own.tell("reception", state("reception", isFlooded ? FLOODED : undefined));
  if (room !== undefined) own.tell("disk", state("disk", room === "ample" ? undefined : DISK[room]));
}

const state = (name: keyof typeof TITLES, reason: LocalText | undefined): ServiceState => ({
  title: TITLES[name],
  working: reason === undefined,
  ...(reason === undefined ? {} : { reason }),
});

const cannotWrite = (why: string): LocalText => ({
  zh: `写不进去（${why}）。日志保留全部数据，恢复后自动补写`,
  en: `It cannot be written (${why}). The journal keeps everything, and it is written afterwards`,
});

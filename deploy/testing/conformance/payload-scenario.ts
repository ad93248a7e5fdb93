/**
 * What the platform's own devices never say, and its edge node can: DataSets, and templates with versions and
 * parameters. The agent's MQTT side is the real one; what it is given to say is made up.
 */
import type { Metric, Template } from "@campus-ops/broker/sparkplug";
import { CampusId, DataType, NodeId } from "@campus-ops/device-profiles/vocabulary";
import { EdgeNode } from "../../../edge-agent/mqtt/edge-node.ts";
import { CAMPUS, type ConformanceBroker, NODE, PASSWORD } from "./brokers.ts";
import { type Recording, RecordingProxy } from "./recording.ts";

export interface PayloadRecording {
  readonly wire: Recording;
}

const TABLE = {
  kind: "dataset",
  columns: ["period", "room", "empty", "load"],
  types: [DataType.UInt8, DataType.String, DataType.Boolean, DataType.Double],
  rows: [
    [1, "101", false, 0.5],
    [2, "102", true, -0.25],
  ],
} as const;

function motor(isDefinition: boolean, speed: number | null): Template {
  return {
    kind: "template",
    version: "1.2",
    ...(isDefinition ? {} : { templateRef: "_types_/motor" }),
    isDefinition,
    metrics: [
      { name: "speed", datatype: DataType.Double, value: speed },
      { name: "table", datatype: DataType.DataSet, value: isDefinition ? null : TABLE },
    ],
    parameters: [
      { name: "poles", type: DataType.UInt32, value: 4 },
      { name: "serial", type: DataType.UInt64, value: 2 ** 40 },
      { name: "ratio", type: DataType.Float, value: 0.5 },
      { name: "offset", type: DataType.Double, value: 0.1 },
      { name: "reversed", type: DataType.Boolean, value: false },
      { name: "label", type: DataType.String, value: isDefinition ? "default" : "north" },
    ],
  };
}

const said = (timestamp: number, speed: number): readonly Metric[] => [
  { name: "timetable", timestamp, datatype: DataType.DataSet, value: TABLE },
  { name: "motor", timestamp, datatype: DataType.Template, value: motor(false, speed) },
];

export async function recordPayloads(broker: ConformanceBroker): Promise<PayloadRecording> {
  const proxy = await RecordingProxy.start(broker.url);
  const wire = proxy.recording;
  const stopping = new AbortController();
  const now = Date.now();
  const node = new EdgeNode({
    campus: CampusId(CAMPUS),
    node: NodeId(NODE),
    brokers: [{ url: proxy.url, username: "edge", password: PASSWORD }],
    primaryHost: undefined,
    numbered: false,
    births: {
      node: () => [
        { name: "_types_/motor", timestamp: now, datatype: DataType.Template, value: motor(true, null) },
        ...said(now, 1),
      ],
      devices: () => [],
      device: () => [],
    },
    bdSeq: 0,
    keepBdSeq: () => undefined,
    onBorn: (session) => {
      const range = { epoch: 1, first: 1, last: 2 };
      const record = { device: "", dataClass: "state", range, from: now, to: now, bytes: 0 } as const;
      void session.send({ ...record, metrics: said(now + 1, 2) }, false);
    },
    onEnded: () => undefined,
    onAcknowledgement: () => undefined,
    onCommand: () => undefined,
    onMalformed: () => undefined,
    onConnection: () => undefined,
    clock: { instant: () => ({ wall: Date.now(), uptime_ms: performance.now() }) },
    random: () => 0,
  });
  const running = node.run(stopping.signal);
  await wire.untilSent("NDATA", 1);
  stopping.abort();
  await running;
  await proxy.stop();
  return { wire };
}

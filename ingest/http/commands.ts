/** Takes commands: checks, records, audits, sends. What becomes of one is read from the journal. */
import { type Publication, writeCommand } from "@campus-ops/broker/sparkplug";
import {
  DataType,
  type MetricDefinition,
  metricDefinition,
  parseAddressKey,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import { type Log, Problem } from "@campus-ops/service";
import type { CommandRequest, CommandView, JsonValue } from "../api.ts";
import type { NodeAsset } from "../core/registry.ts";
import type { RegistryProjection } from "../projections/registry.ts";

export interface CommandParts {
  readonly projection: RegistryProjection;
  readonly send: (publication: Publication) => boolean;
  readonly now: () => Timestamp;
  readonly newId: () => string;
  readonly audit: Log;
  readonly count: (state: CommandView["state"]) => void;
}

export function takeCommand(parts: CommandParts, request: CommandRequest): CommandView {
  const { projection, send, now, audit } = parts;
  const node = projection.registry.nodes.get(request.device);
  if (node === undefined) check(request, projection);
  else checkNode(node, request);
  const at = now();
  const requested: CommandView = { ...request, id: parts.newId(), state: "requested", requestedAt: at };
  projection.addCommand(requested);
  const sent = send(writeCommand(parseAddressKey(request.device), requested, at));
  const detail = "the broker is away; nothing was sent";
  const command: CommandView = sent ? requested : { ...requested, state: "refused", settledAt: at, detail };
  if (!sent) projection.settleCommand(command);
  audit.info({ audit: "command", command }, "a command was asked for");
  parts.count(command.state);
  return command;
}

function check({ device: key, metric, value }: CommandRequest, { registry }: RegistryProjection): void {
  const device = registry.devices.get(key);
  if (device === undefined)
    throw new Problem(
      404,
      "Unknown device",
      `no device ${key} has ever been born here`,
      `这里从来没有过设备 ${key}`,
    );
  const definition = metricDefinition(metric);
  if (definition?.writable !== true || !device.metrics.has(metric))
    throw new Problem(
      400,
      "Not writable",
      `${metric} of ${key} cannot be written`,
      `${key} 的 ${metric} 不能写入`,
    );
  const wrong = mistake(definition, value);
  if (wrong !== undefined)
    throw new Problem(400, "Not a value of this metric", `${metric}: ${wrong}`, `${metric} 不接受这个值`);
  if (device.health === "stale" || device.health === "unreachable")
    throw new Problem(
      409,
      "Device away",
      `${key} is ${device.health}; a command would not reach it`,
      "设备离线，命令送不到，没有下发",
    );
}

/** What is written to an edge box itself: its births say what it takes. */
function checkNode({ key, metrics, online }: NodeAsset, { metric, value }: CommandRequest): void {
  const definition = metricDefinition(metric);
  if (definition?.writable !== true || !metrics.has(metric))
    throw new Problem(
      400,
      "Not writable",
      `the edge box ${key} takes no ${metric}`,
      `边缘盒 ${key} 不接受 ${metric}`,
    );
  const wrong = mistake(definition, value);
  if (wrong !== undefined)
    throw new Problem(400, "Not a value of this metric", `${metric}: ${wrong}`, `${metric} 不接受这个值`);
  if (!online)
    throw new Problem(
      409,
      "Edge box away",
      `${key} is away; a command would not reach it`,
      "边缘盒离线，命令送不到，没有下发",
    );
}

function mistake({ datatype, values }: MetricDefinition, value: JsonValue): string | undefined {
  if (datatype === DataType.Boolean) return typeof value === "boolean" ? undefined : "must be true or false";
  if (datatype === DataType.String) {
    const allowed = Object.keys(values ?? {});
    if (typeof value !== "string") return "must be text";
    return allowed.length === 0 || allowed.includes(value)
      ? undefined
      : `must be one of ${allowed.join(", ")}`;
  }
  return typeof value === "number" ? undefined : "must be a number";
}

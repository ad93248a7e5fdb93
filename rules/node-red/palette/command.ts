/** Command out: writes one metric of a device, and tells what became of it: confirmed by read-back, refused, unknown. */
import { Hub } from "./hub.ts";
import { accessOf } from "./hub-node.ts";
import type { FlowNode, Red } from "./red.ts";

interface Definition {
  readonly hub?: string;
  /** `campus/node/device`; else of the message. */
  readonly device?: string;
  readonly metric?: string;
}

interface CommandView {
  readonly id: string;
  readonly state: "requested" | "confirmed" | "unknown" | "refused";
  readonly detail?: string;
}

const ASK_MS = 250;
/** Devices confirm within seconds; a projector's lamp takes two minutes. */
const SETTLE_MS_MAX = 180_000;

export function registerCommand(red: Red): void {
  red.nodes.registerType("campus-command", function (this: FlowNode, definition: Definition) {
    red.nodes.createNode(this, definition);
    const hub = new Hub(accessOf(red, definition.hub));
    const stopping = new AbortController();
    this.on("input", (message, send, done) => {
      const device = definition.device || message.device;
      const metric = definition.metric || message.metric;
      if (typeof device !== "string" || typeof metric !== "string") {
        done(new Error("a device and a metric must be named, in the node or in the message"));
        return;
      }
      const body = { device, metric, value: message.payload, reason: "flow" };
      settled(hub, body, stopping.signal).then(
        (command) => {
          const good = command.state === "confirmed";
          this.status({ fill: good ? "green" : "yellow", shape: "dot", text: command.state });
          send({ ...message, payload: command.state, command });
          done();
        },
        (error: Error) => done(error),
      );
    });
    this.on("close", (done) => {
      stopping.abort();
      done();
    });
  });
}

async function settled(hub: Hub, body: object, signal: AbortSignal): Promise<CommandView> {
  let command = await hub.send<CommandView>("POST", "/commands", body);
  const until = performance.now() + SETTLE_MS_MAX;
  while (command.state === "requested" && performance.now() < until && !signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, ASK_MS));
    command = await hub.get<CommandView>(`/commands/${encodeURIComponent(command.id)}`);
  }
  return command.state === "requested" ? { ...command, state: "unknown" } : command;
}

/** Alarms in: a message for each transition of the alarms that were chosen. */
import { FEEDS } from "./feeds.ts";
import { accessOf, showConnection } from "./hub-node.ts";
import type { FlowNode, Red } from "./red.ts";

interface Definition {
  readonly hub?: string;
  /** Rule id; all when empty. */
  readonly rule?: string;
  readonly path?: string;
  /** The least urgent that is sent: 1 red only … 4 all. */
  readonly priority?: number | string;
}

interface AlarmView {
  readonly rule: string;
  readonly priority: number;
  readonly state: string;
  readonly device: { readonly path: string };
}

export function registerAlarms(red: Red): void {
  red.nodes.registerType("campus-alarms", function (this: FlowNode, definition: Definition) {
    red.nodes.createNode(this, definition);
    const { rule = "", path = "", priority = 4 } = definition;
    const stop = FEEDS.listen(accessOf(red, definition.hub), {
      event: ({ event, data }) => {
        if (event !== "alarm") return;
        const alarm = data as AlarmView;
        if (rule !== "" && alarm.rule !== rule) return;
        if (alarm.priority > Number(priority)) return;
        if (path !== "" && alarm.device.path !== path && !alarm.device.path.startsWith(`${path}/`)) return;
        this.send({ topic: alarm.rule, payload: alarm.state, alarm });
      },
      state: (connected) => showConnection(this, connected),
      // Transitions that were missed are in the alarm's own history; told late they would be misleading.
      reset: () => undefined,
    });
    this.on("close", (done) => {
      stop();
      done();
    });
  });
}

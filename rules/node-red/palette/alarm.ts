/** Alarm out: a message with payload true raises the flow's alarm, false clears it. */
import { Hub } from "./hub.ts";
import { accessOf } from "./hub-node.ts";
import type { FlowNode, Red } from "./red.ts";

interface Definition {
  readonly hub?: string;
  /** Lower-case letters, digits and hyphens: the alarm's own. */
  readonly alarm: string;
  readonly titleZh: string;
  readonly titleEn?: string;
  readonly priority: number | string;
  readonly textZh?: string;
  readonly textEn?: string;
}

export function registerAlarm(red: Red): void {
  red.nodes.registerType("campus-alarm", function (this: FlowNode, definition: Definition) {
    red.nodes.createNode(this, definition);
    const hub = new Hub(accessOf(red, definition.hub));
    const { alarm, titleZh, titleEn, priority, textZh, textEn } = definition;
    this.on("input", (message, send, done) => {
      const raised = message.payload === true;
      if (typeof message.payload !== "boolean") {
        done(new Error("payload must be true, to raise the alarm, or false, to clear it"));
        return;
      }
      const said = typeof message.text === "string" && message.text !== "" ? message.text : undefined;
      const zh = said ?? (textZh || titleZh);
      const body = {
        title: { zh: titleZh, en: titleEn || titleZh },
        raised,
        priority: Number(priority),
        text: { zh, en: said ?? (textEn || zh) },
      };
      hub.send("PUT", `/flows/${encodeURIComponent(alarm)}`, body).then(
        () => {
          this.status(raised ? { fill: "red", shape: "dot" } : { fill: "grey", shape: "ring" });
          send(message);
          done();
        },
        (error: Error) => done(error),
      );
    });
  });
}

/** Calendar: passes messages on by whether a window of the school calendar is open, and tells when it opens or closes. */
import { Hub } from "./hub.ts";
import { accessOf } from "./hub-node.ts";
import type { FlowNode, Red } from "./red.ts";

interface Definition {
  readonly hub?: string;
  /** For example `lesson` or `closed`. */
  readonly window: string;
}

interface CalendarView {
  readonly at: number;
  readonly open: readonly string[];
  readonly windows: readonly string[];
  readonly until?: number;
}

const RETRY_MS = 10_000;
const LOOK_MS_MAX = 3_600_000;

export function registerCalendar(red: Red): void {
  red.nodes.registerType("campus-calendar", function (this: FlowNode, definition: Definition) {
    red.nodes.createNode(this, definition);
    const hub = new Hub(accessOf(red, definition.hub));
    let open: boolean | undefined;
    let timer: NodeJS.Timeout | undefined;
    let stopped = false;
    const tell = (now: boolean): void => {
      this.status({ fill: now ? "green" : "grey", shape: "dot", text: definition.window });
      const message = { topic: definition.window, payload: now };
      if (open !== undefined && open !== now) this.send(now ? [message, null] : [null, message]);
      open = now;
    };
    const look = async (): Promise<void> => {
      let wait_ms = RETRY_MS;
      try {
        const { at, open: windows, windows: all, until } = await hub.get<CalendarView>("/calendar");
        if (!all.includes(definition.window))
          throw new Error(`the calendar has no window ${definition.window}`);
        tell(windows.includes(definition.window));
        wait_ms = Math.min(LOOK_MS_MAX, Math.max(50, (until ?? at + LOOK_MS_MAX) - at));
      } catch (error) {
        this.status({
          fill: "red",
          shape: "ring",
          text: error instanceof Error ? error.message : String(error),
        });
      }
      if (!stopped) timer = setTimeout(() => void look(), wait_ms);
    };
    const first = look();
    this.on("input", (message, send, done) => {
      void first.then(() => {
        if (open === undefined) done(new Error("the calendar is not known yet"));
        else {
          send(open ? [message, null] : [null, message]);
          done();
        }
      });
    });
    this.on("close", (done) => {
      stopped = true;
      clearTimeout(timer);
      done();
    });
  });
}

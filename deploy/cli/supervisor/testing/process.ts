/** A process to supervise: lives as the real ones do, and behaves as BEHAVIOUR says. Its life line is a connection. */
import { connect } from "node:net";
import { clearAway, createLog, OperatorError, runProcess } from "@campus-ops/service";

const behaviour = process.env.BEHAVIOUR ?? "";
const lifeLine = connect(Number(process.env.LIFE_LINE_PORT), "127.0.0.1");
lifeLine.on("error", () => undefined);
await new Promise((resolve) => lifeLine.once("connect", resolve));
/** Goes on only when the test has noted it: what a test sees is then in the order in which it happened. */
const tell = async (what: string): Promise<void> => {
  const noted = new Promise((resolve) => lifeLine.once("data", resolve));
  lifeLine.write(`${process.env.NAME} ${what}\n`);
  await noted;
};
await tell(String(process.pid));

await runProcess(createLog(process.env.NAME ?? "", "info"), async () => {
  if (behaviour === "refuse") throw new OperatorError('hub.yaml:3: broker.users: lacks the field "name"');
  if (behaviour === "crash") throw new Error("a bug");
  return {
    stop: async () => {
      await tell("stopping");
      if (behaviour === "stubborn") await new Promise(() => undefined);
    },
  };
});
if (behaviour === "clear") clearAway();

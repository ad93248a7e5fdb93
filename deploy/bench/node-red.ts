/** Node-RED's own runtime, in a process of its own, running the same threshold and window rules as function nodes. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const MESSAGES = 200_000;
const SERIES = 20_000;
const CHILD_MS_MAX = 180_000;

const COUNT = "const count = global.get('count'); count.done += 1;";
/** Beyond the limit, and back only by the deadband: what our threshold does. */
const threshold = (beyond: string, back: string): string => `
${COUNT}
let state = context.get("state");
if (state === undefined) { state = new Map(); context.set("state", state); }
const was = state.get(msg.topic) === true;
const is = was ? !(${back}) : ${beyond};
if (is === was) return null;
state.set(msg.topic, is);
return { topic: msg.topic, payload: is };`;
/** The mean of the last minute, weighed by time in slots, as ours. */
const MEAN = `
${COUNT}
let state = context.get("state");
if (state === undefined) { state = new Map(); context.set("state", state); }
let own = state.get(msg.topic);
if (own === undefined) { own = { slots: [], value: msg.payload, from: msg.at, beyond: false }; state.set(msg.topic, own); }
const index = Math.floor(msg.at / 1875);
let slot = own.slots[own.slots.length - 1];
if (slot === undefined || slot.index !== index) {
  slot = { index, sum: 0, weight: 0 };
  own.slots.push(slot);
  while (own.slots[0].index <= index - 32) own.slots.shift();
}
slot.sum += own.value * (msg.at - own.from);
slot.weight += msg.at - own.from;
own.value = msg.payload;
own.from = msg.at;
let sum = 0;
let weight = 0;
for (const each of own.slots) { sum += each.sum; weight += each.weight; }
const mean = weight > 0 ? sum / weight : msg.payload;
const is = own.beyond ? mean > 245 : mean > 246;
if (is === own.beyond) return null;
own.beyond = is;
return { topic: msg.topic, payload: is };`;

const FLOWS = [
  { id: "tab", type: "tab", label: "bench" },
  { id: "source", type: "bench-source", z: "tab", wires: [["high", "low", "mean"]] },
  {
    id: "high",
    type: "function",
    z: "tab",
    func: threshold("msg.payload > 253", "msg.payload <= 251"),
    outputs: 1,
    wires: [["alarm"]],
  },
  {
    id: "low",
    type: "function",
    z: "tab",
    func: threshold("msg.payload < 198", "msg.payload >= 200"),
    outputs: 1,
    wires: [["alarm"]],
  },
  { id: "mean", type: "function", z: "tab", func: MEAN, outputs: 1, wires: [["alarm"]] },
  { id: "alarm", type: "bench-alarm", z: "tab", wires: [] },
];

const NODES = `module.exports = (RED) => {
  const count = RED.settings.functionGlobalContext.count;
  RED.nodes.registerType("bench-alarm", function (config) {
    RED.nodes.createNode(this, config);
    this.on("input", (_message, _send, done) => { count.alarms += 1; done(); });
  });
  RED.nodes.registerType("bench-source", function (config) {
    RED.nodes.createNode(this, config);
    count.source = this;
  });
};`;

const CHILD = `
const { createServer } = require("node:http");
const RED = require("node-red");
const count = { done: 0, alarms: 0 };
const [messages, series] = process.argv.slice(2).map(Number);
RED.init(createServer(), {
  userDir: __dirname, nodesDir: __dirname + "/nodes", flowFile: "flows.json", disableEditor: true,
  httpAdminRoot: false, httpNodeRoot: false, functionGlobalContext: { count }, functionExternalModules: false,
  logging: { console: { level: "off" } }, telemetry: { enabled: false },
});
const turn = () => new Promise((resolve) => setImmediate(resolve));
const run = async (from, many) => {
  const target = count.done + 3 * many;
  for (let index = from; index < from + many; index += 1) {
    const topic = "series-" + (index % series);
    const beyond = index % 1000 === 0;
    const at = Math.floor(index / series) * 1000;
    count.source.send({ topic, payload: beyond ? 255 : 228 + ((index % 9) / 2), at });
    if (index % 100 === 99) await turn();
  }
  while (count.done < target) await turn();
};
RED.events.once("flows:started", async () => {
  await run(0, series);
  const before = process.cpuUsage();
  await run(series, messages);
  const used = process.cpuUsage(before);
  process.stdout.write(JSON.stringify({ rate: (messages / (used.user + used.system)) * 1e6, alarms: count.alarms }));
  process.exit(0);
});
RED.start();
`;

/** Messages a second of processor time, each through three function nodes. */
export async function nodeRedRate(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "node-red-bench-"));
  try {
    mkdirSync(join(folder, "nodes"));
    writeFileSync(join(folder, "flows.json"), JSON.stringify(FLOWS));
    writeFileSync(join(folder, "nodes", "bench.js"), NODES);
    writeFileSync(join(folder, "nodes", "bench.html"), "");
    writeFileSync(join(folder, "main.cjs"), CHILD);
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [join(folder, "main.cjs"), String(MESSAGES), String(SERIES)],
      {
        timeout: CHILD_MS_MAX,
        env: { ...process.env, NODE_PATH: join(import.meta.dirname, "../../node_modules") },
      },
    );
    return (JSON.parse(stdout.slice(stdout.lastIndexOf("{"))) as { rate: number }).rate;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

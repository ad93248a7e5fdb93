/** `docs/benchmarks.md`, made of the results that were kept. */
import type { Result } from "./result.ts";

export interface Circumstances extends Result {
  readonly commit: string;
  readonly date: string;
  readonly node: string;
  readonly kernel: string;
  readonly cores: number;
  readonly cpu: string;
  readonly memory_GiB: number;
}

export type Kept = Readonly<
  Record<string, { readonly measured: Circumstances; readonly results: readonly Result[] }>
>;

interface About {
  readonly title: string;
  readonly method: string;
}

const ABOUT: Readonly<Record<string, About>> = {
  latency: {
    title: "From a device to the screen",
    method:
      "A simulated device changes, over its real protocol, in the running demonstration; the clock stops when the live stream's event has been read. Polling is part of the figure, a rule's own on-delay is not. Figures are percentiles over the changes counted in `n`.",
  },
  footprint: {
    title: "Memory and processor",
    method:
      "The demonstration's hub with three edge agents and 74 devices: a minute of nothing, then a whole school day, once each. `core` is the share of one core. RSS counts Node's own program (60 MB, shared between processes) in every process.",
  },
  codec: {
    title: "Sparkplug codec",
    method:
      "20 metrics with event times (doubles, counters, flags, texts), with names and datatypes as in a birth and with aliases as in data, encoded and decoded by each library in turn, nine times, by the processor time used. `oursToThis` is our median over that library's: above 1 we are faster. protobufjs generates its code from the schema at run time, and it is the code its static generator writes.",
  },
  broker: {
    title: "MQTT server",
    method:
      "Ours and Debian's mosquitto in turn, each new for every run, on core 0; 50 edges that publish and one or four readers on core 1, in a process that writes packets made beforehand, over loopback with no delay set. `cold` is the five seconds after the start, `warm` the three seconds after them, at 5,000 messages/s sent when they are due whatever became of those before; latency is from the write to the receipt by each reader. `core` is what the server uses then, `perSecond` what all readers together get flat out, with 2,000 messages on their way. The target is a p99 of less than 5 ms cold and 1 ms warm, and with 2 kB at least half of mosquitto's messages. Neither is given the first turn, which Linux takes back from a process that fills a core: run it while nothing else does. Memory is of 450 connections after the first 50, over TLS 1.3.",
  },
  outbox: {
    title: "Outbox",
    method:
      "Five runs of 1.5 s each, in turn with the disk's own `write` and `fsync`, which is the limit of a single commit. Every record counted was on the disk when its append resolved (SQLite, `synchronous=FULL`). The size is of the file after 100,000 telemetry records of one sample.",
  },
  rules: {
    title: "Rules",
    method:
      "The rules core alone, fed in process: 400 devices with 50 series each, every series told once a second and watched by three of 300 rules (two thresholds with deadband and a mean over a minute), one reading in a thousand beyond its limit; by the processor time used, five runs. A flood raises 10,000 alarms within a minute of event time, ends them, and does it again three times; the heap after each is given. Node-RED is 5.0 with function nodes of the same three rules, 20,000 topics, messages sent from a node in the same process, by processor time.",
  },
  "back-test": {
    title: "Back-test",
    method:
      "A journal as ingest writes it, of 400 devices that each tell ten readings every 100 s, twelve hours long; read, decoded and put through two engines, those of the built-in packs and those of a candidate with two limits changed. The month is worked out from the rate, not run. By processor time, three runs.",
  },
  handoff: {
    title: "Hand-off: edge to journal, acknowledged",
    method:
      "One edge (real outbox, sender and Sparkplug session) on core 1; a broker process and an ingest process with its registry and store on core 0, all before other work on the machine where they may. Records of 20 samples, over loopback. Five runs of 4 s after 6 s of warm-up; a run ends when its last record is acknowledged. At the steady rate, latency includes the 50 ms that telemetry waits at the edge to share a commit.",
  },
  agent: {
    title: "500 devices on one agent",
    method:
      "The agent as its package has it and a box starts it, on core 1; 500 simulated devices of eleven profiles over their real protocols (370 by Modbus TCP, 50 switches by SNMP, 50 cameras by ONVIF, 30 projectors by PJLink), a broker and an ingest that acknowledges, on core 0. All of them go before other work on the machine (niceness -20, as root). Every device is polled each second, and 210 of them move a value each second. The time between polls is taken where the request of a Modbus device arrives, so it holds what the other core adds. Five starts after a first one that compiles; five runs of 10 s.",
  },
  bus: {
    title: "Thirty units on one pair of wires",
    method:
      "Thirty Modbus RTU units on a pseudo-terminal, in a process that answers at the pace of the baud rate: two registers each, 8N1. Both go before other work on the machine. The least is the time that the bytes of question and answer take, with 3.5 characters of silence before each (1.75 ms above 19200 baud). Five looks at all of them after three to warm up.",
  },
  store: {
    title: "Stores",
    method:
      "The three engines one after the other, each new and empty, through the port that ingest writes to and asks by, in batches of 20,000; the servers on the same machine. 2,000 series told once a minute for a day, 50,000 series for twenty minutes, and 1,200 campuses' roll-ups of thirty days by the hour; values walk by tenths. Our processor time holds DuckDB, which runs in our process; the servers' own does not show. Questions are asked five times after a first one, of data most of which is today's and yesterday's. Bytes are those on the disk when it is over: Parquet files, InfluxDB's data folder after its cache was written, VictoriaMetrics' data and index.",
  },
  city: {
    title: "A city of 1,200 campuses",
    method:
      "A whole hub on core 0, of a city with 1,200 campuses of 400 devices. On core 1 the agents of twelve county hubs, each a process with the real local-hub driver, outbox and Sparkplug session; the hub that an agent asks is figures: it answers for a hundred campuses what ingest and rules would. An agent looks at each campus every five seconds and tells what has changed, at once what has happened and once a minute what runs with the clock. First they tell a day of all campuses, of which the city's page must show every sample. In lessons some two entries a campus come in five minutes; in the morning something happens on every campus between any two looks. Alarms of campuses are not part of it. `core` is the share of a core of all processes of the hub together. A page is the API's answer to the region page (tree, counts with completeness, from which the page ranks) for the last 24 hours, 200 of them, four a second while the morning's roll-ups come in.",
  },
  hub: {
    title: "The whole platform on one core",
    method:
      "A hub as `campus-ops up` starts it (broker, ingest, rules, console) on core 0; up to 200 edges on core 1 (each a real outbox, sender and Sparkplug session), with four switches that tell 50 samples a record and six cameras, whose video is lost and comes back, 24 times a second over all of them. A step lasts six seconds after two to settle, a load is held when it is so for thirty. What gives first is named: alarms with a p99 above 250 ms, a backlog that grows by more than a second's worth, a projection that falls behind the journal by as much, loss, or the generator itself, when it is 200 ms late. An alarm's time is from the instant at which the device was due to change to the event read from the live stream; each loss is due when it is due, whatever became of those before. Ten times as much: the edges report twice what is sustained, into outboxes of 512 KiB that give way to their rules and book what they give up, and 20 nodes without acknowledgement send the other eight times as Sparkplug allows. Afterwards the edges report half of what is sustained, until alarms are as quick as ever and nothing waits. Figures of others are as published, of machines of theirs.",
  },
  soak: {
    title: "An hour with a fault a minute",
    method:
      "The hub and the 200 edges of the benchmark above, at half of what it sustained and with its 24 alarms a second, and an edge agent in a process of its own with simulated devices. Each minute begins with a fault that holds for 20 s: `kill -9` of broker, ingest, rules, console or all edges; six kinds of bad network between edges and broker; a full disk; a page that does not read; faults of the devices. Every process is looked at each five seconds. The slope is by least squares, one for all lives of a process, with a level for each life and without its first 90 s; of memory, over the lowest reading of each six minutes, because a heap rises until all of it is collected, and that is so long ago at times; `plusMinus` is half of its 95 % confidence interval. Said beforehand: memory is flat at 50 MB an hour, descriptors at 20, unless the whole interval is above it.",
  },
  ingest: {
    title: "Ingest: broker to store",
    method:
      "One edge (real outbox, sender and Sparkplug session) on core 1 sends records of 50 samples as fast as it goes; a broker and an ingest process on core 0, before other work on the machine where we may. A run of 6 s ends when the edge's outbox is empty and every projection of the journal (registry, store, events, roll-ups) has caught up. What is in the store is counted at the end.",
  },
};

export function page(kept: Kept): string {
  const sections = Object.keys(ABOUT).flatMap((name) => {
    const about = ABOUT[name];
    const bench = kept[name];
    return about === undefined || bench === undefined ? [] : [section(name, about, bench)];
  });
  return `# Benchmarks

Made by \`npm run bench -- --write <name> …\`; edit deploy/bench, not this page.

**Read ratios, not absolute figures.** The machine is shared with other work, and was while these ran; the spread says how
much. Figures of one run stand beside each other for that reason. A target that was not met says **no**.

${missed(kept)}
${sections.join("\n")}`;
}

function missed(kept: Kept): string {
  const all = Object.entries(kept).flatMap(([name, { results }]) =>
    results
      .filter(({ met, oursToThis }) => met === false || (typeof oursToThis === "number" && oursToThis < 1))
      .map(({ case: title, oursToThis, process }) => {
        const what = [title, process].filter(Boolean).join(", ");
        return typeof oursToThis === "number" && oursToThis < 1
          ? `- ${name}: ${what} is faster than ours`
          : `- ${name}: ${what}`;
      }),
  );
  return all.length === 0 ? "Every target was met.\n" : `## Targets missed\n\n${all.join("\n")}\n`;
}

function section(name: string, { title, method }: About, { measured, results }: Kept[string]): string {
  const columns = [...new Set(results.flatMap((result) => Object.keys(result)))];
  const cell = (value: Result[string] | undefined): string => {
    if (typeof value === "boolean") return value ? "yes" : "**no**";
    return String(value ?? "").replaceAll("|", "\\|");
  };
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const { commit, cores, cpu, date, kernel, memory_GiB, node } = measured;
  return `## ${title}

\`npm run bench -- ${name}\` · commit ${commit}, ${date} · Node ${node}, Linux ${kernel}, ${cores} cores (${cpu}), ${memory_GiB} GiB

${method}

${row(columns)}
${row(columns.map(() => "---"))}
${results.map((result) => row(columns.map((column) => cell(result[column])))).join("\n")}
`;
}

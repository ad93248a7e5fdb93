/** The inside of a simulated projector: its state, and what it answers. No socket. */
import {
  ERROR_PARTS,
  type ErrorLevel,
  type ErrorPart,
  formatErrorStatus,
  formatLamps,
  formatPower,
  type PjlinkCommand,
  type PjlinkResult,
  type PowerState,
} from "../../codecs/pjlink.ts";
import type { NoticeCommand, PjlinkNotice } from "../../codecs/pjlink-datagrams.ts";
import type { PjlinkProfile } from "../../profiles/pjlink-profile.ts";
import type { MetricName, SampleValue } from "../../vocabulary/index.ts";

const OK: PjlinkResult = { kind: "value", text: "OK" };
const UNDEFINED_COMMAND: PjlinkResult = { kind: "error", code: 1 };
const OUT_OF_PARAMETER: PjlinkResult = { kind: "error", code: 2 };
const UNAVAILABLE_TIME: PjlinkResult = { kind: "error", code: 3 };

/** What changes while a projector lives. */
const QUESTIONS = ["POWR", "INPT", "LAMP", "ERST"] as const;

export interface PowerDurations {
  readonly warmUp_ms: number;
  readonly coolDown_ms: number;
}

export class SimulatedProjector {
  readonly #profile: PjlinkProfile;
  readonly #durations: PowerDurations;
  readonly #world: Record<MetricName, SampleValue>;
  /** What it last said to each question, for as long as it is stuck. */
  readonly #frozen = new Map<string, PjlinkResult>();
  #mood: "well" | "stuck" | "not-done" = "well";
  #change: NodeJS.Timeout | undefined;
  #notices: (notice: PjlinkNotice) => void = () => undefined;

  constructor(profile: PjlinkProfile, durations: PowerDurations) {
    this.#profile = profile;
    this.#durations = durations;
    const [input = "digital-1"] = Object.values(profile.inputs).filter((name) => name.startsWith("digital"));
    this.#world = {
      "Projector/Power": "off",
      "Projector/Input": input,
      "Projector/LampHours": 0,
      "System/Name": "Projector",
      "Properties/Vendor": profile.vendor,
      "Properties/Model": profile.model,
    };
    if (profile.lamp === false) delete this.#world["Projector/LampHours"];
    for (const part of ERROR_PARTS) this.#world[`Projector/${part}`] = "ok";
    if (profile.pjlinkClass === 2) {
      this.#world["Properties/Serial"] = "PJ-000001";
      this.#world["Properties/Firmware"] = "1.0.0";
    }
  }

  /** Stuck: it goes on saying what it says now. Not done: it says OK to a command, and that is all. */
  set mood(mood: "well" | "stuck" | "not-done") {
    this.#mood = mood;
    this.#frozen.clear();
    if (mood === "stuck") for (const command of QUESTIONS) this.#frozen.set(command, this.#ask(command));
  }

  /** A power state that is set is there at once; a person's remote control goes through {@link answer}. */
  set(metric: MetricName, value: SampleValue): void {
    this.get(metric);
    if (metric === "Projector/Power") clearTimeout(this.#change);
    this.#world[metric] = value;
    const command = noticeOf(metric);
    if (command !== undefined && this.#mood !== "stuck") this.#tell(command);
  }

  /** Has every change of power, input and errors told, as class 2 tells it. */
  onNotice(tell: (notice: PjlinkNotice) => void): void {
    this.#notices = tell;
  }

  #tell(command: NoticeCommand): void {
    const answer = this.#ask(command);
    if (answer.kind === "value") this.#notices({ command, text: answer.text });
  }

  get(metric: MetricName): SampleValue {
    const value = this.#world[metric];
    if (value === undefined) throw new RangeError(`${this.#profile.id} has no ${metric}`);
    return value;
  }

  stop(): void {
    clearTimeout(this.#change);
  }

  answer({ pjlinkClass, command, parameter }: PjlinkCommand): PjlinkResult {
    if (pjlinkClass > this.#profile.pjlinkClass) return UNDEFINED_COMMAND;
    if (command === "POWR" && parameter !== "?") return this.#switchPower(parameter);
    if (command === "INPT" && parameter !== "?") return this.#switchInput(parameter);
    if (parameter !== "?") return OUT_OF_PARAMETER;
    return this.#frozen.get(command) ?? this.#ask(command);
  }

  #ask(command: string): PjlinkResult {
    switch (command) {
      case "POWR":
        return said(formatPower(this.#power));
      case "INPT":
        return this.#power === "on" ? said(this.#inputCode()) : UNAVAILABLE_TIME;
      case "LAMP":
        if (this.#profile.lamp === false) return UNDEFINED_COMMAND;
        return said(
          formatLamps([{ hours: Number(this.get("Projector/LampHours")), on: this.#power === "on" }]),
        );
      case "ERST":
        return said(formatErrorStatus(this.#levels()));
      case "CLSS":
        return said(String(this.#profile.pjlinkClass));
      case "INST":
        return said(Object.keys(this.#profile.inputs).join(" "));
      case "NAME":
        return said(this.get("System/Name"));
      case "INF1":
        return said(this.get("Properties/Vendor"));
      case "INF2":
        return said(this.get("Properties/Model"));
      case "INFO":
        return said("");
      case "SNUM":
      case "SVER":
        if (this.#profile.pjlinkClass === 1) return UNDEFINED_COMMAND;
        return said(this.get(command === "SNUM" ? "Properties/Serial" : "Properties/Firmware"));
      default:
        return UNDEFINED_COMMAND;
    }
  }

  get #power(): PowerState {
    return this.get("Projector/Power") as PowerState;
  }

  #switchPower(parameter: string): PjlinkResult {
    if (parameter !== "0" && parameter !== "1") return OUT_OF_PARAMETER;
    const wanted = parameter === "1" ? "on" : "off";
    if (this.#power === "warming" || this.#power === "cooling") return UNAVAILABLE_TIME;
    if (this.#power === wanted || this.#mood === "not-done") return OK;
    const { warmUp_ms, coolDown_ms } = this.#durations;
    this.set("Projector/Power", wanted === "on" ? "warming" : "cooling");
    this.#change = setTimeout(
      () => {
        this.set("Projector/Power", wanted);
      },
      wanted === "on" ? warmUp_ms : coolDown_ms,
    );
    return OK;
  }

  #switchInput(parameter: string): PjlinkResult {
    if (this.#power !== "on") return UNAVAILABLE_TIME;
    const name = this.#profile.inputs[parameter];
    if (name === undefined) return OUT_OF_PARAMETER;
    if (this.#mood !== "not-done") this.set("Projector/Input", name);
    return OK;
  }

  #inputCode(): string {
    const input = this.get("Projector/Input");
    return Object.entries(this.#profile.inputs).find(([, name]) => name === input)?.[0] ?? String(input);
  }

  #levels(): Record<ErrorPart, ErrorLevel> {
    const entries = ERROR_PARTS.map((part) => [part, this.get(`Projector/${part}`)]);
    return Object.fromEntries(entries) as Record<ErrorPart, ErrorLevel>;
  }
}

function noticeOf(metric: MetricName): NoticeCommand | undefined {
  if (metric === "Projector/Power") return "POWR";
  if (metric === "Projector/Input") return "INPT";
  return ERROR_PARTS.some((part) => metric === `Projector/${part}`) ? "ERST" : undefined;
}

const said = (value: SampleValue): PjlinkResult => ({ kind: "value", text: String(value) });

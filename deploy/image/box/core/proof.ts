/** Whether a system that runs for the first time is to be believed. */
import type { Code } from "./contract.ts";

export const STABLE_MS = 60_000;
/** An agent that ends again and again does not get better by waiting. */
export const AGENT_RESTARTS_MAX = 10;
/** Then it has had its chance. */
export const PROOF_MS_MAX = 600_000;

export interface Findings {
  /** Since the box started. */
  readonly uptime_ms: number;
  /** Since the agent's process was started last; undefined while there is none. */
  readonly agent_ms: number | undefined;
  /** How often systemd has started it again since the box started. */
  readonly agentRestarts: number;
  readonly isDiskWritable: boolean;
  /** Undefined while the agent does not answer. */
  readonly hasBroker: boolean | undefined;
}

export type Verdict = "good" | "wait" | Code;

/** `hadBroker`: whether the system before was with its broker. One that had none cannot ask for more of the next. */
export function verdict(findings: Findings, hadBroker: boolean): Verdict {
  const isStable = (findings.agent_ms ?? 0) >= STABLE_MS;
  const isConnected = !hadBroker || findings.hasBroker === true;
  if (isStable && findings.isDiskWritable && isConnected) return "good";
  if (findings.agentRestarts >= AGENT_RESTARTS_MAX) return "agent-unstable";
  if (findings.uptime_ms < PROOF_MS_MAX) return "wait";
  if (!findings.isDiskWritable) return "disk-not-writable";
  return isStable ? "broker-unreachable" : "agent-unstable";
}

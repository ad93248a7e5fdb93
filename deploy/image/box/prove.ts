/** At each start of the box: what became of an update, and whether the system that runs is good. */
import { type Code, type Memory, messageOf } from "./core/contract.ts";
import { type Findings, verdict } from "./core/proof.ts";
import { afterStart } from "./core/start.ts";
import type { Rauc } from "./rauc.ts";

const LOOK_AGAIN_MS = 1_000;

export interface ProofParts {
  readonly rauc: Rauc;
  readonly running: Memory["update"]["running"];
  readonly memory: () => Memory | undefined;
  readonly keep: (memory: Memory) => void;
  readonly now: () => string;
  readonly find: () => Promise<Findings>;
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly restart: () => void;
  readonly say: (text: string) => void;
}

/** Resolves when the system is marked good, or when it has given itself up and restarts. Throws where RAUC cannot mark it. */
export async function prove(parts: ProofParts): Promise<void> {
  const { keep, now, rauc, running, say } = parts;
  const memory = afterStart(parts.memory(), running, now());
  keepWhereItCan(parts, memory);
  say(`${running.version} in ${running.slot}: ${memory.update.state}`);
  if (memory.update.state === "proving") {
    const reason = await judged(parts, memory.hadBroker === true);
    if (reason !== undefined) return giveUp(parts, memory, reason);
  }
  // GRUB has given up on it; it is not to be tried again when this one's attempts are used up by power cuts.
  if (memory.update.state === "rolled-back") rauc.mark("bad", "other");
  const { isDone, text } = rauc.mark("good", "booted");
  if (!isDone) throw new Error(`RAUC does not mark this system good: ${text}`);
  if (memory.update.state !== "proving") return;
  keep({ update: { ...memory.update, state: "done", running, at: now() } });
  say(`${running.version} in ${running.slot}: done`);
}

/** Undefined where it is good. */
async function judged({ find, pause }: ProofParts, hadBroker: boolean): Promise<Code | undefined> {
  for (;;) {
    const found = verdict(await find(), hadBroker);
    if (found === "good") return undefined;
    if (found !== "wait") return found;
    await pause(LOOK_AGAIN_MS);
  }
}

/** The old system tells why, for this one is not asked any more. */
function giveUp(parts: ProofParts, memory: Memory, code: Code): void {
  parts.say(`${parts.running.version} in ${parts.running.slot}: ${messageOf(code).en}`);
  keepWhereItCan(parts, { ...memory, gaveUp: code });
  parts.rauc.mark("bad", "booted");
  parts.restart();
}

/** That the disk takes no writes is for the verdict to say. */
function keepWhereItCan({ keep, say }: ProofParts, memory: Memory): void {
  try {
    keep(memory);
  } catch (error) {
    say(`the data partition takes no writes: ${String(error)}`);
  }
}

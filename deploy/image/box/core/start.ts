/** What became of an update, seen from the next start of the box. */
import { type Code, type Memory, messageOf, type Running, type State, type Update } from "./contract.ts";

/** `running` is what has started now, `at` the box's time. A box that knows nothing of an update is idle. */
export function afterStart(memory: Memory | undefined, running: Running, at: string): Memory {
  if (memory === undefined) return { update: { state: "idle", running, at } };
  const { target } = memory.update;
  const told = (state: State, code?: Code): Memory => ({
    ...memory,
    update: {
      state,
      running,
      ...(target === undefined ? {} : { target }),
      ...(code === undefined ? {} : { code, message: messageOf(code) }),
      at,
    },
  });
  switch (memory.update.state) {
    case "checking":
    case "installing":
      return told("failed", "interrupted");
    case "waiting":
    case "restarting":
    case "proving":
      // A power cut may come before the restart that was asked for.
      if (running.slot === memory.into) return told("proving");
      return told("rolled-back", memory.gaveUp ?? "did-not-boot");
    default:
      return { ...memory, update: { ...memory.update, running } };
  }
}

/** True where nothing else may begin. */
export const isBusy = ({ state }: Update): boolean =>
  ["checking", "installing", "restarting", "proving"].includes(state);

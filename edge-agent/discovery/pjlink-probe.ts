/**
 * Greets projectors over TCP; one that asks for no password also says who made it. One that answered the search and cannot
 * be greeted, because another controller has its only connection, is a projector all the same.
 */
import type { DeviceFacts } from "../core/profile-match.ts";
import { DriverError } from "../drivers/driver.ts";
import { PjlinkConnection } from "../drivers/pjlink/connection.ts";
import type { Probe } from "./finding.ts";

export function pjlinkProbe(searched: ReadonlyMap<string, string>): Probe {
  return async (address, port, deadline) => {
    const mac = searched.get(address);
    const known = mac === undefined ? undefined : { pjlinkClass: 2, mac };
    const greeted = await greet(address, port, deadline());
    if (greeted === undefined && known === undefined) return [];
    const facts = { ...known, ...greeted };
    return [{ protocol: "pjlink", address, url: `pjlink://${address}:${port}`, facts }];
  };
}

/** What the projector says of itself; undefined where none answers. */
async function greet(address: string, port: number, signal: AbortSignal): Promise<DeviceFacts | undefined> {
  try {
    const connection = await PjlinkConnection.open(address, port, undefined, signal);
    try {
      const ask = async (command: string): Promise<string | undefined> => {
        const answer = await connection.ask({ pjlinkClass: 1, command, parameter: "?" });
        return answer.kind === "value" && answer.text !== "" ? answer.text : undefined;
      };
      const pjlinkClass = Number(await ask("CLSS"));
      const [vendor, model, name] = [await ask("INF1"), await ask("INF2"), await ask("NAME")];
      const facts = {
        ...(Number.isNaN(pjlinkClass) ? {} : { pjlinkClass }),
        ...(vendor === undefined ? {} : { vendor }),
        ...(model === undefined ? {} : { model }),
        ...(name === undefined ? {} : { name }),
      };
      return facts;
    } finally {
      connection.close();
    }
  } catch (error) {
    // Whoever asks for a password is a projector.
    if (error instanceof DriverError && error.kind === "login-refused") {
      return {};
    }
    if (error instanceof DriverError || signal.aborted) return undefined;
    throw error;
  }
}

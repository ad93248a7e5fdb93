/** Greets projectors over TCP; one that asks for no password also says who made it. */
import { DriverError } from "../drivers/driver.ts";
import { PjlinkConnection } from "../drivers/pjlink/connection.ts";
import type { Probe } from "./finding.ts";

export const pjlinkProbe: Probe = async (address, port, deadline) => {
  const signal = deadline();
  const url = `pjlink://${address}:${port}`;
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
      return [{ protocol: "pjlink", address, url, facts }];
    } finally {
      connection.close();
    }
  } catch (error) {
    // Whoever asks for a password is a projector.
    if (error instanceof DriverError && error.kind === "login-refused") {
      return [{ protocol: "pjlink", address, url, facts: {} }];
    }
    if (error instanceof DriverError || signal.aborted) return [];
    throw error;
  }
};

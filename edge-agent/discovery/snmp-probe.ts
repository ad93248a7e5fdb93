/** Asks SNMP agents for sysDescr, sysObjectID and sysName, with each community in turn. */
import { isException, SnmpType } from "@campus-ops/device-profiles/codecs/snmp";
import { vendorOfObjectId } from "../core/profile-match.ts";
import { DriverError } from "../drivers/driver.ts";
import { SnmpLink } from "../drivers/snmp/link.ts";
import type { Probe } from "./finding.ts";

const SYS_DESCR = "1.3.6.1.2.1.1.1.0";
const SYS_OBJECT_ID = "1.3.6.1.2.1.1.2.0";
const SYS_NAME = "1.3.6.1.2.1.1.5.0";

export function snmpProbe(communities: readonly string[], timeout_ms: number): Probe {
  return async (address, port, deadline) => {
    for (const community of communities) {
      const signal = deadline();
      const link = new SnmpLink(
        { host: address, port, transport: "udp4" },
        { version: "2c", community },
        { timeout_ms, retries: 0, varbinds_max: 8 },
      );
      try {
        const varbinds = await link.get([SYS_DESCR, SYS_OBJECT_ID, SYS_NAME], signal);
        const [description, objectId, name] = varbinds.map((varbind) =>
          isException(varbind) ? undefined : textOf(varbind.type, varbind.value),
        );
        const vendor = vendorOfObjectId(objectId);
        return [
          {
            protocol: "snmp",
            address,
            url: `snmp://${address}:${port}`,
            facts: {
              ...(vendor === undefined ? {} : { vendor }),
              ...(description === undefined ? {} : { description }),
              ...(objectId === undefined ? {} : { objectId }),
              ...(name === undefined ? {} : { name }),
            },
          },
        ];
      } catch (error) {
        if (!(error instanceof DriverError) && !signal.aborted) throw error;
      } finally {
        link.close();
      }
    }
    return [];
  };
}

function textOf(type: number, value: unknown): string | undefined {
  if (value instanceof Uint8Array) return new TextDecoder().decode(value).split(/\r?\n/)[0]?.trim();
  return type === SnmpType.ObjectIdentifier ? String(value) : undefined;
}

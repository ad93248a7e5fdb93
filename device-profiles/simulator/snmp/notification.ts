/** Notifications of a simulated agent: traps, which nobody acknowledges, and informs, which the receiver does. */
import snmp from "net-snmp";
import { IF_MIB } from "../../codecs/mib-objects.ts";
import { SNMP_TRAPS, SnmpType } from "../../codecs/snmp.ts";

export interface Notification {
  readonly kind: keyof typeof SNMP_TRAPS;
  /** ifIndex, for linkDown and linkUp. */
  readonly ifIndex?: number;
  readonly inform?: boolean;
  /** So many datagrams of the same; 1 when absent. */
  readonly copies?: number;
  /** The device's own community when absent. */
  readonly community?: string;
}

/** Resolves when all of it has been sent, or acknowledged; rejects when an inform is not. */
export async function sendNotification(port: number, notification: Notification): Promise<void> {
  const { kind, ifIndex, inform = false, copies = 1, community = "public" } = notification;
  const session = snmp.createSession("127.0.0.1", community, {
    version: snmp.Version2c,
    port,
    trapPort: port,
    timeout: 500,
    retries: 1,
  });
  const varbinds =
    ifIndex === undefined
      ? []
      : [
          {
            oid: `${IF_MIB.ifOperStatus}.${ifIndex}`,
            type: SnmpType.Integer,
            value: kind === "linkUp" ? 1 : 2,
          },
        ];
  const once = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const done = (error: Error | null | undefined): void => (error ? reject(error) : resolve());
      if (inform) session.inform(SNMP_TRAPS[kind], varbinds, done);
      else session.trap(SNMP_TRAPS[kind], varbinds, done);
    });
  try {
    for (let sent = 0; sent < copies; sent++) await once();
  } finally {
    session.close();
  }
}

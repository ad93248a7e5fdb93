/**
 * The address of an SNMP agent: `snmp://host[:port]?…`. Parameters, all optional:
 *
 * - `version`: `2c` (default; the target's secret is the community, `public` without one) or `3`
 * - `auth` (`sha256` default, `sha512`, `sha`, `md5`) and `priv` (`aes` default, `none`), for version 3
 * - `ports`: front-panel ports, `1-24,27`; `uplinks`: ports whose power is never cut, `25,26`
 * - `ifindex-offset`: ifIndex minus port number; `poe-group`: pethPsePortGroupIndex
 * - `traps`: the port, or `address:port`, at which this box listens for the device's traps and informs; `trap-source`:
 *   the address they come from, where it is not the device's
 */
import type { PortNumbering } from "@campus-ops/device-profiles/profiles/snmp-profile";
import snmp from "net-snmp";
import { type DeviceTarget, DriverError } from "../driver.ts";

export const SNMP_PORT = 161;
const PORTS_MAX = 1024;
const PORT_MAX = 65_535;

export interface SnmpAddress {
  readonly host: string;
  readonly port: number;
  readonly transport: "udp4" | "udp6";
}

export function addressOf({ url }: DeviceTarget): SnmpAddress {
  if (url.protocol !== "snmp:" || url.hostname === "")
    throw unusable(`${url.href} is not snmp://host[:port]`);
  const bracketed = url.hostname.startsWith("[");
  return {
    host: bracketed ? url.hostname.slice(1, -1) : url.hostname,
    port: url.port === "" ? SNMP_PORT : Number(url.port),
    transport: bracketed ? "udp6" : "udp4",
  };
}

export type SnmpCredentials =
  | { readonly version: "2c"; readonly community: string }
  | { readonly version: "3"; readonly user: snmp.User };

export function credentialsOf(target: DeviceTarget): SnmpCredentials {
  const parameters = target.url.searchParams;
  const version = parameters.get("version") ?? "2c";
  if (version === "2c") return { version, community: target.secret ?? "public" };
  if (version !== "3") throw unusable(`SNMP version ${JSON.stringify(version)} is neither 2c nor 3`);

  const name = target.username;
  if (name === undefined) throw unusable("SNMP version 3 needs a username");
  if (target.secret === undefined) {
    return { version, user: { name, level: snmp.SecurityLevel.noAuthNoPriv } };
  }
  const authProtocol = protocolOf(AUTHENTICATION, parameters.get("auth") ?? "sha256", "auth");
  const authenticated = { name, authProtocol, authKey: target.secret };
  if (parameters.get("priv") === "none") {
    return { version, user: { ...authenticated, level: snmp.SecurityLevel.authNoPriv } };
  }
  const privProtocol = protocolOf(PRIVACY, parameters.get("priv") ?? "aes", "priv");
  return {
    version,
    user: { ...authenticated, level: snmp.SecurityLevel.authPriv, privProtocol, privKey: target.secret },
  };
}

const AUTHENTICATION: Readonly<Record<string, snmp.AuthProtocols>> = {
  sha256: snmp.AuthProtocols.sha256,
  sha512: snmp.AuthProtocols.sha512,
  sha: snmp.AuthProtocols.sha,
  md5: snmp.AuthProtocols.md5,
};

const PRIVACY: Readonly<Record<string, snmp.PrivProtocols>> = { aes: snmp.PrivProtocols.aes };

function protocolOf<T>(known: Readonly<Record<string, T>>, name: string, parameter: string): T {
  const protocol = Object.hasOwn(known, name) ? known[name] : undefined;
  if (protocol === undefined) {
    throw unusable(`${parameter}=${name} is not one of ${Object.keys(known).join(", ")}`);
  }
  return protocol;
}

export interface TrapEndpoint {
  /** Of this box. */
  readonly host: string;
  readonly port: number;
  /** Where the device's notifications come from: a host name or an address. */
  readonly source: string;
}

/** Where the device's notifications are awaited; undefined when it is only polled. */
export function trapEndpointOf(target: DeviceTarget): TrapEndpoint | undefined {
  const text = target.url.searchParams.get("traps");
  if (text === null) return undefined;
  const [, host = "0.0.0.0", port] = /^(?:([0-9.]+):)?([1-9][0-9]{0,4})$/.exec(text) ?? [];
  if (port === undefined || Number(port) > PORT_MAX) {
    throw unusable(`traps=${text} is neither a port nor address:port`);
  }
  const source = target.url.searchParams.get("trap-source") ?? addressOf(target).host;
  return { host, port: Number(port), source };
}

/** The profile's numbering with what the URL says in its place. Ports named anew forget the profile's uplinks. */
export function numberingOf({ url }: DeviceTarget, profile: PortNumbering): PortNumbering {
  const parameters = url.searchParams;
  const ports = portList(parameters.get("ports"));
  const uplinks = portList(parameters.get("uplinks")) ?? (ports === undefined ? profile.uplinks : []);
  const named = ports ?? profile.ports;
  return {
    ...(named === undefined ? {} : { ports: named }),
    uplinks,
    ifIndexOffset: integer(parameters.get("ifindex-offset")) ?? profile.ifIndexOffset,
    poeGroup: integer(parameters.get("poe-group")) ?? profile.poeGroup,
  };
}

function portList(text: string | null): number[] | undefined {
  if (text === null) return undefined;
  const ports = text.split(",").flatMap((part) => {
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part);
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (match === null || first < 1 || last < first || last - first >= PORTS_MAX) {
      throw unusable(`${JSON.stringify(text)} is not a list of ports such as 1-24,27`);
    }
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
  if (ports.length > PORTS_MAX) throw unusable(`${ports.length} ports; at most ${PORTS_MAX}`);
  return ports;
}

function integer(text: string | null): number | undefined {
  if (text === null) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw unusable(`${JSON.stringify(text)} is not a whole number`);
  return Number(text);
}

function unusable(message: string): DriverError {
  return new DriverError("unsupported", `SNMP address: ${message}`, { retry: false });
}

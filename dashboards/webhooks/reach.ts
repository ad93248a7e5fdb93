/**
 * Which addresses a webhook's message may go to. Whoever makes a webhook chooses where this machine connects to, so what only
 * this machine can reach, its own services and the cloud's metadata, is refused: by the address that is connected to, after
 * the name was looked up, because a name can mean another address a moment later.
 */
import { lookup as lookUp } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";

/** Beside what a configuration allows; networks of a school or a bureau are not among them. */
const REFUSED = new BlockList();
for (const [network, bits] of [
  ["0.0.0.0", 8],
  ["127.0.0.0", 8],
  // Link-local, and what clouds tell a machine about itself (RFC 3927).
  ["169.254.0.0", 16],
  ["224.0.0.0", 3],
] as const)
  REFUSED.addSubnet(network, bits, "ipv4");
for (const [network, bits] of [
  // Unspecified, loopback and the deprecated form that has an IPv4 address in it.
  ["::", 96],
  ["fe80::", 10],
  ["ff00::", 8],
  // NAT64 (RFC 6052) leads to an IPv4 address as well.
  ["64:ff9b::", 96],
] as const)
  REFUSED.addSubnet(network, bits, "ipv6");
/** Metadata services at addresses that are otherwise a provider's or a campus's own. */
REFUSED.addAddress("100.100.100.200", "ipv4");
REFUSED.addAddress("fd00:ec2::254", "ipv6");

/** Says of an address whether it may be connected to. */
export type MayReach = (address: string) => boolean;

/** `allowed`: addresses and networks (`127.0.0.0/8`) that are taken all the same. */
export function reaching(allowed: readonly string[]): MayReach {
  const taken = new BlockList();
  for (const each of allowed) {
    const [address = "", bits] = each.split("/");
    if (bits === undefined) taken.addAddress(address, familyOf(address));
    else taken.addSubnet(address, Number(bits), familyOf(address));
  }
  return (address) => {
    const family = familyOf(address);
    return taken.check(address, family) || !REFUSED.check(address, family);
  };
}

/** True for what {@link reaching} can be told: `10.0.0.7`, `127.0.0.0/8`, `::1`. */
export function isNetwork(text: string): boolean {
  const [address = "", bits] = text.split("/");
  const family = isIP(address);
  return family !== 0 && (bits === undefined || Number(bits) <= (family === 6 ? 128 : 32));
}

export class RefusedAddressError extends Error {
  override readonly name = "RefusedAddressError";
  constructor(address: string) {
    super(`${address} is an address that webhooks do not go to`);
  }
}

/** The address that a URL names itself, without a name to look up; undefined where it has a name. */
export function literalAddress(url: URL): string | undefined {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return isIP(host) === 0 ? undefined : host;
}

/** As `dns.lookup`; a name of which one address is refused is refused, with a {@link RefusedAddressError}. */
export function lookupWithin(mayReach: MayReach, resolve: typeof lookUp = lookUp): LookupFunction {
  return (host, options, callback) => {
    resolve(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, []);
      const refused = addresses.find(({ address }) => !mayReach(address));
      if (refused !== undefined) return callback(new RefusedAddressError(refused.address), []);
      const [first] = addresses;
      return options.all === true || first === undefined
        ? callback(null, addresses)
        : callback(null, first.address, first.family);
    });
  };
}

const familyOf = (address: string): "ipv4" | "ipv6" => (isIP(address) === 6 ? "ipv6" : "ipv4");

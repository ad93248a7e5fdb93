/**
 * Identifiers, branded so that one kind is never passed for another and built only by validating constructors.
 *
 * All of them travel in MQTT topics and URLs, so they are limited to what is safe in both:
 * lower-case letters, digits and hyphens, 1 to 64 characters, beginning with a letter or a digit.
 */
declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** A campus; it is the Sparkplug group id. */
export type CampusId = Branded<string, "CampusId">;
/** An edge box; it is the Sparkplug edge node id, unique within its campus. */
export type NodeId = Branded<string, "NodeId">;
/** A device; it is the Sparkplug device id, unique within its edge node. */
export type DeviceId = Branded<string, "DeviceId">;

const ID = /^[a-z0-9][a-z0-9-]{0,63}$/;

export const ID_PATTERN = ID.source;

/** What the constructors below throw: the text was not an identifier. */
export class InvalidIdError extends Error {
  override readonly name = "InvalidIdError";
}

function build<T extends string>(kind: string, text: string): T {
  if (!ID.test(text)) {
    throw new InvalidIdError(
      `${kind} ${JSON.stringify(text)} must be 1 to 64 lower-case letters, digits or hyphens and begin with a letter or digit`,
    );
  }
  return text as T;
}

export const CampusId = (text: string): CampusId => build("campus id", text);
export const NodeId = (text: string): NodeId => build("edge node id", text);
export const DeviceId = (text: string): DeviceId => build("device id", text);

/** Where something lives on the wire: an edge node, or one of its devices. */
export interface Address {
  readonly campus: CampusId;
  readonly node: NodeId;
  /** Absent for the edge node itself. */
  readonly device?: DeviceId;
}

/** `campus/node` or `campus/node/device`: the key under which every process files what it knows of an address. */
export function addressKey(address: Address): string {
  const node = `${address.campus}/${address.node}`;
  return address.device === undefined ? node : `${node}/${address.device}`;
}

/** The reverse of {@link addressKey}. Throws {@link InvalidIdError}. */
export function parseAddressKey(key: string): Address {
  const [campus, node, device, ...rest] = key.split("/");
  if (campus === undefined || node === undefined || rest.length > 0) {
    throw new InvalidIdError(`address ${JSON.stringify(key)} must read campus/node or campus/node/device`);
  }
  const base = { campus: CampusId(campus), node: NodeId(node) };
  return device === undefined ? base : { ...base, device: DeviceId(device) };
}

/** The tree of objects of `net-snmp`'s agent; its published types have none of it. */
import snmp from "net-snmp";
import type { Varbind, VarbindValue } from "../../codecs/snmp.ts";

export interface Agent {
  getAuthorizer(): { addCommunity(community: string): void; addUser(user: snmp.User): void };
  getMib(): Mib;
}

interface Mib {
  registerProvider(provider: object): void;
  getProvider(name: string): object | undefined;
  addProviderToNode(provider: object): void;
  addNodesForAddress(address: readonly number[]): void;
  lookup(oid: string): MibNode | null;
}

interface MibNode {
  value: unknown;
  valueType: number;
  readonly address: readonly number[];
  readonly children: Record<string, MibNode>;
  readonly parent: MibNode | null;
}

export interface MibRequest {
  readonly oid: string;
  /** Present when the request is a Set: it is tested first, then committed. */
  readonly setValue?: VarbindValue;
  readonly commitSet?: boolean;
  readonly instanceNode: { value: unknown; valueType: number };
  done(error?: { errorStatus: number; type: number; value: null }): void;
}

export interface MibObject {
  readonly oid: string;
  readonly type: number;
  readonly writable: boolean;
}

/**
 * To the library every object here is a scalar below a provider at its object type: its tables need an index column in
 * the table itself, which ifXTable has not.
 */
export class MibTree {
  readonly #mib: Mib;

  constructor(agent: Agent) {
    this.#mib = agent.getMib();
  }

  /** An object whose value is asked of `handler` whenever somebody reads or writes it. */
  addObject({ oid, type, writable }: MibObject, handler: (request: MibRequest) => void): void {
    this.#provider(oid.slice(0, oid.lastIndexOf(".")), { type, writable, handler });
    this.#put(oid, type, 0);
  }

  /** Puts `rows` in the place of all that stands below `columns`. */
  setRows(columns: readonly string[], rows: readonly Varbind[]): void {
    for (const column of columns) this.#clear(column);
    for (const { oid, type, value } of rows) {
      const column = columns.find((each) => oid.startsWith(`${each}.`));
      if (column === undefined) throw new Error(`${oid} lies below none of its columns`);
      this.#provider(column, { type, writable: false });
      this.#put(oid, type, value instanceof Uint8Array ? Buffer.from(value) : value);
    }
  }

  #provider(
    oid: string,
    { type, writable, handler }: { type: number; writable: boolean; handler?: (request: MibRequest) => void },
  ): void {
    const known = this.#mib.getProvider(oid);
    const provider = known ?? {
      name: oid,
      type: snmp.MibProviderType.Scalar,
      oid,
      scalarType: type,
      maxAccess: snmp.MaxAccess[writable ? "read-write" : "read-only"],
      ...(handler === undefined ? {} : { handler }),
    };
    if (known === undefined) this.#mib.registerProvider(provider);
    this.#mib.addProviderToNode(provider);
  }

  #put(oid: string, type: number, value: unknown): void {
    this.#mib.addNodesForAddress(oid.split(".").map(Number));
    const node = this.#mib.lookup(oid);
    if (node === null) throw new Error(`${oid} was not added`);
    node.valueType = type;
    node.value = value;
  }

  /** A branch without leaves would be taken for a leaf itself, so it goes as far up as it bears nothing else. */
  #clear(column: string): void {
    let node = this.#mib.lookup(column);
    while (node?.parent && (node.address.length === column.split(".").length || isBare(node))) {
      delete node.parent.children[node.address.at(-1) ?? ""];
      node = node.parent;
    }
  }
}

const isBare = (node: MibNode): boolean => Object.keys(node.children).length === 0;

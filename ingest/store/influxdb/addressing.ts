/**
 * Where an InfluxDB keeps a hub's points, by generation.
 *
 * | | write | query (InfluxQL) | delete |
 * | --- | --- | --- | --- |
 * | 1.x | `/write?db=&rp=` | `/query?db=&rp=` | InfluxQL `DELETE` |
 * | 2.x | `/api/v2/write?org=&bucket=` | `/query?db=&rp=`, with a DBRP mapping from database to bucket | `/api/v2/delete` |
 * | 3.x | as 2.x; the bucket is the database | as 2.x | by the database's own retention alone |
 */

export interface InfluxDb1 {
  readonly generation: 1;
  readonly url: string;
  readonly database: string;
  readonly retentionPolicy?: string;
  readonly username?: string;
  readonly password?: string;
}

export interface InfluxDb2 {
  readonly generation: 2 | 3;
  readonly url: string;
  readonly organisation: string;
  readonly bucket: string;
  readonly token: string;
  /** Of the DBRP mapping; the bucket's name unless said. */
  readonly database?: string;
  readonly retentionPolicy?: string;
}

export type InfluxDbAddress = InfluxDb1 | InfluxDb2;

export function databaseOf(address: InfluxDbAddress): string {
  return address.generation === 1 ? address.database : (address.database ?? address.bucket);
}

export function writePath(address: InfluxDbAddress): string {
  if (address.generation === 1) {
    const { database, retentionPolicy } = address;
    return `/write?${parameters({ db: database, rp: retentionPolicy, precision: "ms" })}`;
  }
  const { organisation, bucket } = address;
  return `/api/v2/write?${parameters({ org: organisation, bucket, precision: "ms" })}`;
}

export function queryPath(address: InfluxDbAddress): string {
  return `/query?${parameters({ db: databaseOf(address), rp: address.retentionPolicy, epoch: "ms" })}`;
}

export function deletePath({ organisation, bucket }: InfluxDb2): string {
  return `/api/v2/delete?${parameters({ org: organisation, bucket })}`;
}

/** 1.6 knows no `Authorization: Token user:password`, which the client would send. */
export function authorization(address: InfluxDbAddress): Readonly<Record<string, string>> {
  if (address.generation !== 1) return { authorization: `Token ${address.token}` };
  const { username, password = "" } = address;
  if (username === undefined) return {};
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}` };
}

function parameters(all: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(all).filter((each): each is [string, string] => each[1] !== undefined);
  return new URLSearchParams(given).toString();
}

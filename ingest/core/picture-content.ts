/**
 * Finds pictures in what an edge node sends, and takes their content out of the message that the journal keeps: the
 * journal is a record of what happened and not a place for pictures, which have a retention of their own.
 */
import {
  encodePayload,
  type Metric,
  type NodeMessage,
  PICTURE_PART,
  PICTURE_REFUSAL,
  type PicturePart,
  type PictureRefusal,
  readPart,
  readRefusal,
} from "@campus-ops/broker/sparkplug";
import { addressKey } from "@campus-ops/device-profiles/vocabulary";

export interface FoundPictures {
  readonly parts: readonly PicturePart[];
  readonly refusals: readonly PictureRefusal[];
  /** The message as it is to be kept. */
  readonly message: NodeMessage;
}

export class PictureContent {
  /** By node: what its birth calls the two metrics. */
  readonly #aliases = new Map<string, ReadonlyMap<number, string>>();

  /** Messages must be given in order, births among them. Undefined for one without a picture. */
  find(message: NodeMessage): FoundPictures | undefined {
    const { type, address, payload } = message;
    if (type === "NBIRTH") {
      const named = payload.metrics.flatMap(({ alias, name }) =>
        alias !== undefined && isPicture(name) ? [[alias, name] as const] : [],
      );
      this.#aliases.set(addressKey(address), new Map(named));
    }
    if (type !== "NDATA") return undefined;
    const known = this.#aliases.get(addressKey(address));
    const nameOf = ({ alias, name }: Metric): string | undefined => name ?? known?.get(alias ?? -1);
    const found = payload.metrics.filter((metric) => isPicture(nameOf(metric)));
    if (found.length === 0) return undefined;
    const metrics = payload.metrics.map((metric) =>
      nameOf(metric) === PICTURE_PART ? { ...metric, value: null } : metric,
    );
    const stripped = { ...payload, metrics };
    return {
      parts: found.flatMap((metric) => readPart(metric) ?? []),
      refusals: found.flatMap((metric) => readRefusal(metric) ?? []),
      message: { ...message, payload: stripped, bytes: encodePayload(stripped) },
    };
  }
}

function isPicture(name: string | undefined): name is string {
  return name === PICTURE_PART || name === PICTURE_REFUSAL;
}

/** Tells an edge node, and the operator, that the node is not alone or not what it was. */
import { type Dispute, disputeCommand, type Publication, twinCommand } from "@campus-ops/broker/sparkplug";
import { type Address, addressKey, type Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Log } from "@campus-ops/service";
import { type Identity, stepIdentity } from "../core/identity.ts";
import type { IngestMetrics } from "./metrics.ts";

/** A dispute is told again no sooner: each record of a disputed outbox is a reason to. */
export const DISPUTE_REPEAT_MS = 1_000;

export interface IdentityDeskOptions {
  readonly send: (publication: Publication) => boolean;
  readonly metrics: Pick<IngestMetrics, "disputes" | "twins">;
  readonly log: Log;
}

export class IdentityDesk {
  readonly #options: IdentityDeskOptions;
  readonly #identities = new Map<string, Identity>();
  readonly #told = new Map<string, Timestamp>();

  constructor(options: IdentityDeskOptions) {
    this.#options = options;
  }

  birth(address: Address, epoch: number, at: Timestamp): void {
    const { log, metrics, send } = this.#options;
    const key = keyOf(address);
    const identity = stepIdentity(this.#identities.get(key), epoch, at);
    this.#identities.set(key, identity);
    this.#told.delete(key);
    if (identity.twin === undefined) return;
    metrics.twins.inc();
    log.error(
      { node: key, epochs: identity.twin.epochs },
      "two edge boxes bear one identity and take turns; what each of them sends is kept. Switch one off, " +
        "and set it up as a box of its own before it is switched on again",
    );
    send(twinCommand(address, identity.twin.epochs, at));
  }

  dispute(address: Address, dispute: Dispute, at: Timestamp): void {
    const { log, metrics, send } = this.#options;
    const key = keyOf(address);
    metrics.disputes.inc();
    const told = this.#told.get(key);
    if (told !== undefined && Math.abs(at - told) < DISPUTE_REPEAT_MS) return;
    this.#told.set(key, at);
    log.warn(
      { node: key, ...dispute },
      "an edge box's outbox is older than what the hub holds of it: it was restored from an old image, or copied. " +
        "Nothing of it is acknowledged until it has numbered anew; what it did not send before its restoring is lost",
    );
    send(disputeCommand(address, dispute, at));
  }
}

function keyOf({ campus, node }: Address): string {
  return addressKey({ campus, node });
}

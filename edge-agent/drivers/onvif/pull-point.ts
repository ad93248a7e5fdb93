/**
 * The event loop of one camera: create a pull point, pull, renew. It ends only by its signal or with the error that
 * lost the subscription; when to begin again is the agent's business, and every beginning asks for everything anew.
 *
 * Nothing is unsubscribed: some cameras drop all subscriptions on one Unsubscribe. The pull point expires by itself.
 */
import { setTimeout as delay } from "node:timers/promises";
import { lifetime_ms } from "@campus-ops/device-profiles/codecs/iso-time";
import {
  createPullPointSubscription,
  pullMessages,
  renew,
  setSynchronizationPoint,
} from "@campus-ops/device-profiles/codecs/onvif-requests";
import {
  type Notification,
  parsePullMessages,
  parseRenewal,
  parseSubscription,
  type SubscriptionTerms,
} from "@campus-ops/device-profiles/codecs/onvif-responses";
import { DriverError } from "../driver.ts";
import type { SoapClient, SoapEndpoint } from "./soap-client.ts";

const MESSAGES_PER_PULL_MAX = 100;
/** A camera that answers an empty pull sooner than this is not asked again before. */
const EMPTY_PULL_MIN_ms = 1_000;

export async function followPullPoint(
  client: SoapClient,
  events: SoapEndpoint,
  deliver: (notifications: readonly Notification[]) => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    await follow(client, events, deliver, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function follow(
  client: SoapClient,
  events: SoapEndpoint,
  deliver: (notifications: readonly Notification[]) => void,
  signal: AbortSignal,
): Promise<never> {
  const { pull_ms, request_ms, subscription_ms } = client.limits;
  const created = await client.call(events, createPullPointSubscription(subscription_ms), signal);
  const subscription = parseSubscription(created);
  if (subscription === undefined) throw lost("gave no pull point");
  const { address, referenceParameters } = subscription.endpoint;
  const pullPoint = client.service(address, referenceParameters);

  // What changed while nobody listened is told as the state it has now.
  await supported(client.call(pullPoint, setSynchronizationPoint, signal));

  let renewAt = renewalTime(subscription, client);
  for (;;) {
    const asked = performance.now();
    const answer = await client.call(
      pullPoint,
      pullMessages(pull_ms, MESSAGES_PER_PULL_MAX),
      signal,
      pull_ms + request_ms,
    );
    const notifications = parsePullMessages(answer);
    if (notifications === undefined) throw lost("answered a pull with something else");
    if (notifications.length > 0) deliver(notifications);
    else await rest(EMPTY_PULL_MIN_ms - (performance.now() - asked), signal);

    if (performance.now() >= renewAt) {
      const renewed = await supported(client.call(pullPoint, renew(subscription_ms), signal));
      renewAt = renewed === undefined ? Number.POSITIVE_INFINITY : renewalTime(parseRenewal(renewed), client);
    }
  }
}

/**
 * Renewed at the first pull's end after which another one might outlive the subscription. The lifetime is measured on
 * the camera's own clock; without one that can be read, what was asked for is taken.
 */
function renewalTime(terms: SubscriptionTerms | undefined, { limits }: SoapClient): number {
  const granted = lifetime_ms(terms?.terminationTime, terms?.currentTime) ?? limits.subscription_ms;
  return performance.now() + Math.max(0, granted - limits.pull_ms - limits.request_ms);
}

/** A camera that held the pull for as long as it may has nothing more to wait for. */
async function rest(remaining_ms: number, signal: AbortSignal): Promise<void> {
  if (remaining_ms > 0) await delay(remaining_ms, undefined, { signal });
}

/** Undefined for an operation that the camera does not have. */
async function supported<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof DriverError && error.kind === "unsupported") return undefined;
    throw error;
  }
}

function lost(what: string): DriverError {
  return new DriverError("garbage", `the camera ${what}`, { retry: true });
}

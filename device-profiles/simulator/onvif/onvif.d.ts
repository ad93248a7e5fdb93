/** The part of the npm package `onvif` that the tests use as a peer; it publishes no types. */
declare module "onvif" {
  import type { EventEmitter } from "node:events";

  type Answer<T> = (error: Error | null, answer: T) => void;

  export class Cam extends EventEmitter {
    constructor(
      options: {
        hostname: string;
        port: number;
        username?: string;
        password?: string;
        timeout?: number;
        autoconnect: false;
      },
      callback?: Answer<unknown>,
    );
    connect(callback: Answer<unknown>): void;
    getSystemDateAndTime(callback: Answer<Date>): void;
    getDeviceInformation(
      callback: Answer<{ manufacturer: string; model: string; firmwareVersion: string | number }>,
    ): void;
    getSnapshotUri(options: { profileToken: string }, callback: Answer<{ uri: string }>): void;
    createPullPointSubscription(callback: Answer<unknown>): void;
    pullMessages(
      options: { timeout?: string; messageLimit?: number },
      callback: Answer<{ notificationMessage?: PeerMessage | PeerMessage[] }>,
    ): void;
    renew(options: object, callback: Answer<{ terminationTime?: unknown }>): void;
    unsubscribe(callback: Answer<unknown>): void;
  }

  export interface PeerMessage {
    topic: { _: string };
    message: {
      message: {
        $: { UtcTime: Date; PropertyOperation: string };
        data: { simpleItem: { $: { Name: string; Value: unknown } } };
      };
    };
  }
}

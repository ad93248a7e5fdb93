/**
 * The box renews its certificate by itself when two thirds of its time are over: a new key, made here, and a certificate
 * that the hub signs for whoever holds the present one. The present one stays until the new one has let the box in once.
 */
import { X509Certificate } from "node:crypto";
import type { Log } from "@campus-ops/service/process";
import { certificateRequest } from "./certificate-request.ts";
import { askEnrolment, EnrolmentError } from "./enrolment-client.ts";
import {
  belongTogether,
  type IdentityFiles,
  keyIn,
  moveDurably,
  readIfThere,
  remove,
  writeDurably,
} from "./identity-files.ts";
import { outcomeOf } from "./outcomes.ts";

/** How often it is looked whether it is time; a person who has just approved a renewal need not wait for long. */
export const RENEWAL_LOOK_MS = 600_000;
const RENEW_AFTER = 2 / 3;
const DAY_MS = 86_400_000;

export interface RenewalOptions {
  readonly files: IdentityFiles;
  /** `https://hub:8884`. */
  readonly url: string;
  /** SHA-256 of the authority's certificate. */
  readonly pin: string;
  readonly now: () => number;
  /** Logs in at the broker with a key and certificate in `file`, and out again; rejects when it is not let in. */
  readonly probe: (file: string) => Promise<void>;
  readonly log: Log;
}

export type RenewalResult = "not-yet" | "renewed" | "failed";

export class CertificateRenewal {
  readonly #options: RenewalOptions;
  #looking: Promise<RenewalResult> | undefined;

  constructor(options: RenewalOptions) {
    this.#options = options;
  }

  /** Milliseconds since the epoch, of the present certificate. */
  get ends(): number {
    return this.#present().validToDate.getTime();
  }

  get begins(): number {
    return this.#present().validFromDate.getTime();
  }

  /** Renews when it is time. Never rejects; a second call waits for the first. */
  look(): Promise<RenewalResult> {
    this.#looking ??= this.#renew()
      .catch((error: unknown): RenewalResult => {
        this.#tell(error);
        return "failed";
      })
      .finally(() => {
        this.#looking = undefined;
      });
    return this.#looking;
  }

  async #renew(): Promise<RenewalResult> {
    const { files, log, now, probe } = this.#options;
    const { begins, ends } = this;
    if (now() < begins + (ends - begins) * RENEW_AFTER) return "not-yet";
    // The same key until it is over, so that the hub answers with the same certificate to whoever was cut off.
    const key = keyIn(files.nextKey);
    const there = readIfThere(files.next);
    if (there === undefined || !belongTogether(there, key)) {
      const certificate = await this.#ask(key);
      if (!belongTogether(certificate, key)) {
        throw new EnrolmentError("answer-malformed", "the certificate is not for this box's key");
      }
      writeDurably(files.next, `${key.trimEnd()}\n${certificate.trimEnd()}\n`);
    }
    await probe(files.next);
    moveDurably(files.next, files.identity);
    remove(files.nextKey);
    log.info({ ends: new Date(this.ends).toISOString() }, "the certificate of this box was renewed");
    return "renewed";
  }

  async #ask(key: string): Promise<string> {
    const { files, now, pin, url } = this.#options;
    const { hostname, port } = new URL(url);
    const identity = readIfThere(files.identity) ?? "";
    const { certificate } = await askEnrolment(
      {
        host: hostname.replaceAll(/[[\]]/g, ""),
        port: port === "" ? 443 : Number(port),
        pin,
        identity: { key: identity, cert: identity },
        now: now(),
      },
      "/v1/renew",
      { request: certificateRequest(key, this.#present().subject.replace(/^CN=/, "")) },
    );
    return certificate;
  }

  #tell(error: unknown): void {
    const { log, now } = this.#options;
    const days = Math.floor((this.ends - now()) / DAY_MS);
    const code = error instanceof EnrolmentError ? error.code : "renewal";
    const { means, next } = outcomeOf(code);
    log.error(
      {
        err: error,
        code,
        days,
        ...(error instanceof EnrolmentError ? { zh: `${means.zh}；${next.zh}`, next: next.en } : {}),
      },
      "the certificate of this box could not be renewed; the present one stays in use, and it is tried again in ten minutes",
    );
  }

  #present(): X509Certificate {
    return new X509Certificate(readIfThere(this.#options.files.identity) ?? "");
  }
}

/**
 * How boxes come to their certificates: by a one-time token, by renewal, or signed by a person. Every step is recorded.
 *
 * A token is good for one key. Whoever asks again with the same key gets the same certificate, so that a box or a hub that
 * is cut off in the middle loses nothing; with another key it is refused. A renewal works the same way.
 */
import { createHash, X509Certificate } from "node:crypto";
import {
  type CertificateIdentity,
  COMMON_NAME_CHARACTERS_MAX,
  commonName,
  identityUri,
  parseIdentityUri,
} from "@campus-ops/device-profiles/vocabulary";
import { OperatorError } from "@campus-ops/service";
import type { Authority, IssuedCertificate } from "./authority.ts";
import { readRequest } from "./certificate-request.ts";
import type { AuditRow, CertificateRow, EnrolmentStore, TokenRow, Way } from "./enrolment-store.ts";
import { newToken, tokenHash } from "./token.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
export const TOKEN_HOURS = 72;
/** A certificate that ended longer ago is not renewed: such a box is enrolled anew. */
export const RENEWABLE_DAYS = 30;

/** Recorded of what a stranger calls himself. */
const SUBJECT_CHARACTERS_MAX = 200;

/** What a box reads of a refusal; `docs/reference/errors.md` says what to do about each. */
export type EnrolmentRefusal =
  | "token-unknown"
  | "token-expired"
  | "token-used"
  | "identity-taken"
  | "request-malformed"
  | "certificate-stranger"
  | "certificate-revoked"
  | "certificate-expired"
  | "approval-needed";

export type EnrolmentAnswer =
  | {
      readonly certificate: string;
      readonly authority: string;
      /** What the token's maker wrote down for the box; absent at a renewal. */
      readonly configuration?: unknown;
    }
  | { readonly refused: EnrolmentRefusal };

/** Where the serials of certificates that are good no more are made known to the broker. */
export interface DenyCertificates {
  deny(serials: readonly string[], why: string): void;
}

export interface TokenRequest {
  readonly identity: CertificateIdentity;
  /** Handed to the box with its certificate; JSON. */
  readonly configuration: object;
  /** The box takes the place of one that has a certificate, whose certificates end when it is enrolled. */
  readonly replaces: boolean;
}

export interface EnrolmentOptions {
  readonly authority: Authority;
  readonly store: EnrolmentStore;
  readonly denied: DenyCertificates;
  readonly now: () => number;
  /** Told of everything that is recorded. */
  readonly onRecord?: (row: AuditRow) => void;
}

export class Enrolment {
  readonly #options: EnrolmentOptions;

  constructor(options: EnrolmentOptions) {
    this.#options = options;
  }

  /** A token for one box, shown once. Throws {@link OperatorError} when that box has a certificate and is not to be replaced. */
  makeToken({ configuration, identity, replaces }: TokenRequest, who: string): string {
    const { now, store } = this.#options;
    requireNameable(identity);
    const uri = identityUri(identity);
    const token = newToken();
    store.transaction(() => {
      if (!replaces && this.#living(uri).length > 0) {
        throw new OperatorError(
          `${commonName(identity)} has a certificate that is still good. Another box in its place is enrolled with --replace, and the old one is then locked out`,
          {
            zh: `${commonName(identity)} 的证书仍然有效；如果是换盒子，请选“替换原有盒子”，旧盒子随即被拒之门外`,
          },
        );
      }
      store.forgetTokens(now());
      store.addToken({
        hash: tokenHash(token),
        identity: uri,
        configuration: JSON.stringify(configuration),
        replaces,
        expires: now() + TOKEN_HOURS * HOUR_MS,
        keyHash: undefined,
        serial: undefined,
      });
      this.#record(who, "token", uri, "done");
    });
    return token;
  }

  /** `who`: the address that asks. Throws {@link OperatorError} while the authority cannot sign; the token is as good as before. */
  async enrol(token: string, request: string, who: string): Promise<EnrolmentAnswer> {
    const { authority, now, store } = this.#options;
    const publicKey = await readRequest(request);
    if (publicKey === undefined) return this.#refuse(who, "enrol", "", "request-malformed");
    const hash = tokenHash(token);
    const known = store.token(hash);
    const identity = known === undefined ? undefined : parseIdentityUri(known.identity);
    if (known === undefined || identity === undefined) return this.#refuse(who, "enrol", "", "token-unknown");
    const first = judge(known, keyHashOf(publicKey), now());
    if (first !== undefined) return this.#refuse(who, "enrol", known.identity, first);
    // Signed before the transaction, which must not wait; it is thrown away when somebody else was quicker.
    const issued = known.serial === undefined ? await authority.issue(identity, publicKey, now()) : undefined;
    return store.transaction(() => {
      const row = store.token(hash);
      const refusal = row === undefined ? "token-unknown" : judge(row, keyHashOf(publicKey), now());
      if (row === undefined || refusal !== undefined) {
        return this.#refuse(who, "enrol", known.identity, refusal ?? "token-unknown");
      }
      const configuration: unknown = JSON.parse(row.configuration);
      const had = row.serial === undefined ? undefined : store.certificate(row.serial);
      if (had !== undefined) {
        if (had.revoked !== undefined) return this.#refuse(who, "enrol", row.identity, "certificate-revoked");
        return { certificate: had.pem, authority: authority.certificate, configuration };
      }
      if (issued === undefined) throw new Error(`the certificate of a spent token is gone: ${row.identity}`);
      if (row.replaces) this.#revoke(row.identity, "replaced by another box");
      else if (this.#living(row.identity).length > 0) {
        return this.#refuse(who, "enrol", row.identity, "identity-taken");
      }
      this.#keep(issued, row.identity, publicKey, "token");
      store.spendToken(hash, keyHashOf(publicKey), issued.serial);
      this.#record(who, "enrol", row.identity, "done");
      return { certificate: issued.pem, authority: authority.certificate, configuration };
    });
  }

  /** `holder`: the certificate that was shown in a TLS handshake, whose key its owner has therefore proved to hold. */
  async renew(holder: X509Certificate, request: string, who: string): Promise<EnrolmentAnswer> {
    const { authority, now, store } = this.#options;
    const root = new X509Certificate(authority.certificate);
    const row = store.certificate(holder.serialNumber.toLowerCase());
    const identity = row === undefined ? undefined : parseIdentityUri(row.identity);
    if (
      row === undefined ||
      identity === undefined ||
      !holder.checkIssued(root) ||
      !holder.verify(root.publicKey)
    ) {
      return this.#refuse(
        who,
        "renew",
        holder.subject.slice(0, SUBJECT_CHARACTERS_MAX),
        "certificate-stranger",
      );
    }
    const publicKey = await readRequest(request);
    if (publicKey === undefined) return this.#refuse(who, "renew", row.identity, "request-malformed");
    const refusal = this.#renewable(row, now());
    if (refusal !== undefined) return this.#refuse(who, "renew", row.identity, refusal);
    const had = this.#living(row.identity).find(({ keyHash }) => keyHash === keyHashOf(publicKey));
    if (had !== undefined) return { certificate: had.pem, authority: authority.certificate };
    const issued = await authority.issue(identity, publicKey, now());
    store.transaction(() => {
      this.#keep(issued, row.identity, publicKey, "renewal");
      this.#record(who, "renew", row.identity, "done");
    });
    return { certificate: issued.pem, authority: authority.certificate };
  }

  /** Whose certificate it is, as long as it is good; as in {@link renew}. */
  holderOf(holder: X509Certificate): CertificateIdentity | undefined {
    const { authority, now, store } = this.#options;
    const root = new X509Certificate(authority.certificate);
    const row = store.certificate(holder.serialNumber.toLowerCase());
    if (row === undefined || row.revoked !== undefined || row.notAfter <= now()) return undefined;
    if (!holder.checkIssued(root) || !holder.verify(root.publicKey)) return undefined;
    return parseIdentityUri(row.identity);
  }

  /** A request that a person carried here. Throws {@link OperatorError}. */
  async sign(
    request: string,
    { identity, replaces }: Omit<TokenRequest, "configuration">,
    who: string,
  ): Promise<string> {
    const { authority, now, store } = this.#options;
    requireNameable(identity);
    const publicKey = await readRequest(request);
    if (publicKey === undefined) {
      throw new OperatorError(
        "this is no certificate request of a box (PKCS #10 with a P-256 key, signed by it)",
        { zh: "这不是边缘盒的证书申请（PKCS #10，P-256 密钥，由其自签）" },
      );
    }
    const uri = identityUri(identity);
    const had = this.#living(uri);
    const same = had.find(({ keyHash }) => keyHash === keyHashOf(publicKey));
    if (same !== undefined) return same.pem;
    if (had.length > 0 && !replaces) {
      throw new OperatorError(
        `${commonName(identity)} has a certificate that is still good. Another box in its place is signed for with --replace, and the old one is then locked out`,
        {
          zh: `${commonName(identity)} 的证书仍然有效；如果是换盒子，请选“替换原有盒子”，旧盒子随即被拒之门外`,
        },
      );
    }
    const issued = await authority.issue(identity, publicKey, now());
    store.transaction(() => {
      if (replaces) this.#revoke(uri, "replaced by another box");
      this.#keep(issued, uri, publicKey, "offline");
      this.#record(who, "sign", uri, "done");
    });
    return issued.pem;
  }

  /** Lets a box renew a certificate that has ended. Throws {@link OperatorError} when none of its certificates has asked. */
  approve(identity: CertificateIdentity, who: string): void {
    const { now, store } = this.#options;
    const uri = identityUri(identity);
    const waiting = store
      .certificates(uri)
      .find((row) => row.asked !== undefined && row.approved === undefined && row.revoked === undefined);
    if (waiting === undefined) {
      throw new OperatorError(
        `no box asks for ${commonName(identity)} to be renewed; campus-ops enrol list shows who does`,
        { zh: `没有边缘盒在为 ${commonName(identity)} 申请续期` },
      );
    }
    store.transaction(() => {
      store.mark(waiting.serial, "approved", now());
      this.#record(who, "approve", uri, "done");
    });
  }

  /** Ends every certificate of a box at once; the number of them. */
  revoke(identity: CertificateIdentity, why: string, who: string): number {
    const uri = identityUri(identity);
    return this.#options.store.transaction(() => {
      const serials = this.#revoke(uri, why);
      this.#record(who, "revoke", uri, "done");
      return serials.length;
    });
  }

  /** Records what was decided elsewhere about a box. */
  note(action: AuditRow["action"], subject: string, who: string): void {
    this.#record(who, action, subject, "done");
  }

  #renewable(row: CertificateRow, now: number): EnrolmentRefusal | undefined {
    if (row.revoked !== undefined) return "certificate-revoked";
    if (now <= row.notAfter) return undefined;
    if (now > row.notAfter + RENEWABLE_DAYS * DAY_MS) return "certificate-expired";
    if (row.approved !== undefined) return undefined;
    if (row.asked === undefined) this.#options.store.mark(row.serial, "asked", now);
    return "approval-needed";
  }

  #living(uri: string): readonly CertificateRow[] {
    const { now, store } = this.#options;
    return store.certificates(uri).filter((row) => row.revoked === undefined && row.notAfter > now());
  }

  /** Those that have ended are among them: they could be renewed. */
  #revoke(uri: string, why: string): readonly string[] {
    const { denied, now, store } = this.#options;
    const rows = store.certificates(uri).filter(({ revoked }) => revoked === undefined);
    const serials = rows.map(({ serial }) => serial);
    // The broker first: a crash in between leaves a box locked out, and not one let in.
    denied.deny(serials, `${uri}: ${why}`);
    for (const serial of serials) store.mark(serial, "revoked", now());
    return serials;
  }

  #keep(
    { notAfter, notBefore, pem, serial }: IssuedCertificate,
    identity: string,
    publicKey: Buffer,
    way: Way,
  ): void {
    const none = { revoked: undefined, asked: undefined, approved: undefined };
    this.#options.store.addCertificate({
      serial,
      identity,
      keyHash: keyHashOf(publicKey),
      pem,
      notBefore,
      notAfter,
      way,
      ...none,
    });
  }

  #refuse(
    who: string,
    action: AuditRow["action"],
    subject: string,
    refused: EnrolmentRefusal,
  ): EnrolmentAnswer {
    this.#record(who, action, subject, refused);
    return { refused };
  }

  #record(who: string, action: AuditRow["action"], subject: string, outcome: string): void {
    const row = { at: this.#options.now(), who, action, subject, outcome };
    this.#options.store.record(row);
    this.#options.onRecord?.(row);
  }
}

function judge(token: TokenRow, keyHash: string, now: number): EnrolmentRefusal | undefined {
  if (now > token.expires) return "token-expired";
  return token.keyHash !== undefined && token.keyHash !== keyHash ? "token-used" : undefined;
}

function requireNameable(identity: CertificateIdentity): void {
  const name = commonName(identity);
  if (name.length <= COMMON_NAME_CHARACTERS_MAX) return;
  throw new OperatorError(
    `${name} is longer than the ${COMMON_NAME_CHARACTERS_MAX} characters that a certificate's common name has room for; choose a shorter name for the node`,
    { zh: `${name} 超过证书名称的 ${COMMON_NAME_CHARACTERS_MAX} 个字符，请给盒子取短一点的名字` },
  );
}

const keyHashOf = (publicKey: Buffer): string => createHash("sha256").update(publicKey).digest("hex");

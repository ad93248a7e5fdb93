/** What an S3 server, or the line to it, says is wrong: in words that an operator can act on. Pure. */

/** An answer that is no success: the HTTP status and what its `<Error>` holds. */
export interface S3Refusal {
  readonly status: number;
  readonly code: string | undefined;
  readonly message: string | undefined;
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
  /** The server's own time, as HTTP says it. */
  readonly date: string | undefined;
}

export interface Asked {
  readonly region: string;
  readonly credentialsFile: string;
  /** Of the object; undefined for the bucket. */
  readonly name: string | undefined;
  /** By this machine, in milliseconds since the epoch. */
  readonly now: number;
}

/** Codes that the S3 API reference lists with a status of 400, and that pass by themselves. */
const PASSING = new Set(["RequestTimeout", "SlowDown", "InternalError", "ServiceUnavailable"]);

export function isWorthAnotherTry({ code, status }: S3Refusal): boolean {
  return status >= 500 || status === 429 || (code !== undefined && PASSING.has(code));
}

/** Follows "… could not be used: ". */
export function problemOfAnswer(refusal: S3Refusal, asked: Asked): string {
  const { code, message, status } = refusal;
  const advice = ADVICE[code ?? ""]?.(refusal, asked);
  if (advice !== undefined) return advice;
  if (code === undefined && status === 404) return "nothing of that name is there: is the address right?";
  if (code === undefined)
    return `it answers ${status} without saying why, as no S3 server does: is the address right?`;
  return `it answers ${status} ${code}${message === undefined ? "" : `: ${message}`}`;
}

const ADVICE: Readonly<Record<string, (refusal: S3Refusal, asked: Asked) => string>> = {
  RequestTimeTooSkewed: ({ date }, { now }) =>
    `its clock and this machine's differ by more than it allows (here it is ${new Date(now).toUTCString()}` +
    `${date === undefined ? "" : `, there ${date}`}); set the clock of this machine, by NTP for choice`,
  InvalidAccessKeyId: (_, { credentialsFile }) =>
    `it does not know the access key; look into ${credentialsFile}, whether the key is of this server and not withdrawn`,
  SignatureDoesNotMatch: (_, { credentialsFile }) =>
    `the secret does not belong to the access key; look into ${credentialsFile}, whether it was copied whole`,
  ExpiredToken: (_, { credentialsFile }) => `the keys in ${credentialsFile} have ended; get new ones`,
  AccessDenied: ({ message }) =>
    "the key may not do this; it needs the rights to list the bucket and to put, get and delete objects in it, or the place " +
    `has to say appendOnly where it may not delete${message === undefined ? "" : ` (${message})`}`,
  NoSuchBucket: () =>
    "there is no such bucket; make it first, and see whether its name is in the right place (addressing)",
  NoSuchKey: (_, { name }) => `no such file: ${name ?? "?"}`,
  AuthorizationHeaderMalformed: ({ message, region }, asked) =>
    region === undefined
      ? `it does not take the signature: ${message ?? "no reason given"}`
      : `its region is ${region} and not ${asked.region}; say region: ${region}`,
  PermanentRedirect: ({ endpoint }) =>
    `the bucket is at another address${endpoint === undefined ? "" : `, ${endpoint}`}; name that one`,
  ObjectLocked: ({ message }) =>
    `it is locked${message === undefined ? "" : ` (${message})`}; say appendOnly`,
};

export interface LineProblem {
  readonly says: string;
  /** Whether trying again makes sense. */
  readonly mayPass: boolean;
}

/** Of what a connection throws before there is an answer; follows "… could not be used: ". */
export function problemOfLine(error: unknown): LineProblem {
  const message = error instanceof Error ? error.message : String(error);
  const { code } = (error ?? {}) as { readonly code?: string };
  if (code !== undefined && isAboutCertificate(code))
    return {
      says: `its certificate is not to be trusted (${message}); if the server is your own, name its authority in caFile`,
      mayPass: false,
    };
  if (code === "ENOTFOUND") return { says: `its name is not known (${message})`, mayPass: true };
  if (code === "ECONNREFUSED") return { says: "nobody answers at that address and port", mayPass: true };
  return { says: message, mayPass: true };
}

/** Node hands on the names that OpenSSL has for failures of verification, and has one of its own for names. */
function isAboutCertificate(code: string): boolean {
  return (
    code.startsWith("CERT_") ||
    code === "ERR_TLS_CERT_ALTNAME_INVALID" ||
    /^(DEPTH_ZERO_)?SELF_SIGNED_CERT|^UNABLE_TO_(GET|VERIFY)_/.test(code)
  );
}

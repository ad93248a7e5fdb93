/** The section `backup` of a hub's configuration. */
import { dirname, resolve } from "node:path";
import { loadDocument, OperatorError, type Overlay } from "@campus-ops/service";
import { identityToRecipient } from "age-encryption";
import type { Keep } from "./names.ts";
import { folderPlace, type Place, sftpPlace } from "./places.ts";
import { s3Place } from "./s3/place.ts";

const TEXT = { type: "string", minLength: 1, maxLength: 1_024 } as const;
const PLACES_MAX = 4;
const RECIPIENTS_MAX = 8;

type PlaceDocument =
  | { readonly folder: string }
  | { readonly sftp: string; readonly keyFile: string; readonly knownHostsFile: string }
  | {
      readonly s3: string;
      readonly credentialsFile: string;
      readonly caFile?: string;
      readonly region?: string;
      readonly addressing?: "path" | "virtual-host";
      readonly appendOnly?: boolean;
    };

export interface BackupConfiguration {
  readonly backup?: {
    readonly at: string;
    readonly to: readonly PlaceDocument[];
    readonly recipients: readonly string[];
    readonly keep: Keep;
  };
}

export const BACKUP_SCHEMA = {
  type: "object",
  properties: {
    backup: {
      type: "object",
      additionalProperties: false,
      required: ["to", "recipients"],
      properties: {
        at: {
          type: "string",
          pattern: "^([01]\\d|2[0-3]):[0-5]\\d$",
          default: "02:30",
          description: "time of day, by the machine's clock, outside of school hours",
        },
        to: {
          type: "array",
          minItems: 1,
          maxItems: PLACES_MAX,
          description: "where backups go to; each takes every one",
          items: {
            type: "object",
            anyOf: [
              {
                required: ["folder"],
                additionalProperties: false,
                properties: { folder: { ...TEXT, description: "a folder, of another disk for choice" } },
              },
              {
                required: ["sftp", "keyFile", "knownHostsFile"],
                additionalProperties: false,
                properties: {
                  sftp: {
                    ...TEXT,
                    pattern: "^sftp://[^@/]+@[^/]+/.*$",
                    description: "sftp://user@host/folder",
                  },
                  keyFile: { ...TEXT, description: "private key of mode 0600, without a passphrase" },
                  knownHostsFile: { ...TEXT, description: "the server's key, as ssh-keyscan writes it" },
                },
              },
              {
                required: ["s3", "credentialsFile"],
                additionalProperties: false,
                properties: {
                  s3: {
                    ...TEXT,
                    pattern: "^https?://[^/@?#]+/[^/?#]+(/[^?#]*)?$",
                    description: "https://server/bucket/folder, whatever the addressing",
                  },
                  credentialsFile: {
                    ...TEXT,
                    description: "mode 0600; lines aws_access_key_id = … and aws_secret_access_key = …",
                  },
                  caFile: {
                    ...TEXT,
                    description:
                      "PEM of the authority that signed the server's certificate, where it is one's own",
                  },
                  region: { ...TEXT, description: "as the server calls it; us-east-1 unless said" },
                  addressing: {
                    enum: ["path", "virtual-host"],
                    description:
                      "path unless said; virtual-host: the bucket becomes the first part of the server's name",
                  },
                  appendOnly: {
                    type: "boolean",
                    description: "the key may not delete; the bucket's own rule removes what is old",
                  },
                },
              },
            ],
          },
        },
        recipients: {
          type: "array",
          minItems: 1,
          maxItems: RECIPIENTS_MAX,
          uniqueItems: true,
          description:
            "who can read the backups: what `campus-ops backup key` prints; what it writes is kept away from the hub",
          items: { type: "string", pattern: "^age1[02-9ac-hj-np-z]{58}$" },
        },
        keep: {
          type: "object",
          additionalProperties: false,
          default: {},
          properties: {
            last: { type: "integer", minimum: 1, maximum: 1_000, default: 14 },
            months: { type: "integer", minimum: 0, maximum: 120, default: 12 },
          },
        },
      },
    },
  },
} as const;

export interface BackupPlan {
  /** Minutes after midnight, by the machine's clock. */
  readonly minute: number;
  /** The same, as it is written. */
  readonly at: string;
  readonly places: readonly Place[];
  readonly recipients: readonly string[];
  readonly keep: Keep;
}

/**
 * Undefined where no backups were asked for. `overlays`: what was changed in the console. Throws what `loadDocument` throws.
 */
export function readBackupPlan(config: string, overlays: readonly Overlay[] = []): BackupPlan | undefined {
  const { value } = loadDocument<BackupConfiguration>(config, BACKUP_SCHEMA, overlays);
  if (value.backup === undefined) return undefined;
  const { at, keep, recipients, to } = value.backup;
  const beside = (path: string): string => resolve(dirname(config), path);
  const [hours = 0, minutes = 0] = at.split(":").map(Number);
  const places = to.map((place) => placeAt(place, beside));
  return { minute: hours * 60 + minutes, at, places, recipients, keep };
}

function placeAt(place: PlaceDocument, beside: (path: string) => string): Place {
  if ("folder" in place) return folderPlace(beside(place.folder));
  if ("sftp" in place) {
    const { keyFile, knownHostsFile, sftp } = place;
    return sftpPlace({ url: sftp, keyFile: beside(keyFile), knownHostsFile: beside(knownHostsFile) });
  }
  const {
    addressing = "path",
    appendOnly = false,
    caFile,
    credentialsFile,
    region = "us-east-1",
    s3,
  } = place;
  return s3Place({
    url: s3,
    region,
    addressing,
    appendOnly,
    credentialsFile: beside(credentialsFile),
    ...(caFile === undefined ? {} : { caFile: beside(caFile) }),
  });
}

/** From a file as `campus-ops backup key` and age-keygen write it. Throws an {@link OperatorError}. */
export async function identityIn(text: string): Promise<string> {
  const identity = text.split(/\r?\n/).find((line) => line.startsWith("AGE-SECRET-KEY-"));
  if (identity === undefined)
    throw new OperatorError("the file holds no identity: a line that begins with AGE-SECRET-KEY-");
  await identityToRecipient(identity).catch((error: unknown) => {
    throw new OperatorError(`the identity is mistyped (${error instanceof Error ? error.message : error})`);
  });
  return identity.trim();
}

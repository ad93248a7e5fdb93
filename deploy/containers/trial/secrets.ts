/** What an operator puts beside the manifests, as their README says it: passwords, and a certificate for boxes and people. */
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { chmodSync, chownSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CampusId, NodeId } from "@campus-ops/device-profiles/vocabulary";
import { Authority } from "../../pki/authority.ts";
import { BOX } from "./images.ts";

/** Users of the images. */
const [HUB, EMQX, POSTGRES] = [10_001, 1_000, 999];
const SERVER_NAMES = ["127.0.0.1", "emqx", "console"];
const PASSWORD_BYTES = 24;

export interface Secrets {
  /** PEM. */
  readonly authority: string;
  readonly box: { readonly caFile: string; readonly certFile: string; readonly keyFile: string };
}

/** Writes them below `to`, each for its user alone, and what a box comes by below `boxes`. */
export async function makeSecrets(to: string, boxes: string): Promise<Secrets> {
  const now = Date.now();
  const authority = await Authority.create(join(boxes, "authority"), "Containers", now);
  const server = await authority.issueServer(SERVER_NAMES, now);
  const [broker, journal, postgres, workers] = Array.from({ length: 4 }, password);
  const owned: readonly (readonly [file: string, owner: number, mode: number, text: string])[] = [
    ["hub/broker", HUB, 0o600, `${broker}\n`],
    ["hub/journal", HUB, 0o600, `${journal}\n`],
    ["hub/postgres", HUB, 0o600, `${postgres}\n`],
    ["hub/workers", HUB, 0o600, `${workers}\n`],
    ["hub/server.pem", HUB, 0o600, server],
    ["postgres", POSTGRES, 0o400, `${postgres}\n`],
    ["nats/password.conf", 0, 0o600, `password: "${journal}"\n`],
    ["emqx/users.csv", EMQX, 0o600, `user_id,password,is_superuser\ningest,${broker},false\n`],
    ["emqx/ca.crt", EMQX, 0o600, authority.certificate],
    ["emqx/server.pem", EMQX, 0o600, server],
  ];
  for (const [file, owner, mode, text] of owned) {
    const path = join(to, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    chownSync(path, owner, owner);
    chmodSync(path, mode);
  }
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const identity = { role: "edge", campus: CampusId(BOX.campus), node: NodeId(BOX.node) } as const;
  const { pem } = await authority.issue(identity, publicKey.export({ type: "spki", format: "der" }), now);
  const box = {
    caFile: join(boxes, "ca.crt"),
    certFile: join(boxes, "box.crt"),
    keyFile: join(boxes, "box.key"),
  };
  writeFileSync(box.caFile, authority.certificate);
  writeFileSync(box.certFile, pem);
  writeFileSync(box.keyFile, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
  return { authority: authority.certificate, box };
}

const password = (): string => randomBytes(PASSWORD_BYTES).toString("hex");

/**
 * The images that the manifests ask for, under the names by which they ask, made on this machine: ours by its Dockerfile, NATS and
 * VictoriaMetrics from their sources in the version that is asked for, PostgreSQL and (in EMQX's place) Mosquitto from Debian.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { CampusId, NodeId } from "@campus-ops/device-profiles/vocabulary";
import { run } from "../../image/command.ts";
import { boxAccess, hubAccess } from "../../pki/mosquitto.ts";
import type { Engine } from "./engine.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const SERVERS = join(import.meta.dirname, "servers");
const DEBIAN = "docker.io/library/debian:bookworm-slim";
/** Who publishes in the trial; Mosquitto is told of boxes one by one. */
export const BOX = { campus: "qiyun-no1", node: "box-1" } as const;

/** `image`, as a manifest has it, without its version → the package that Go builds, of the same version. */
const GO: Readonly<Record<string, (tag: string) => string>> = {
  nats: (tag) => `github.com/nats-io/nats-server/v2@v${tag.replace("-alpine", "")}`,
  "victoriametrics/victoria-metrics": (tag) =>
    `github.com/VictoriaMetrics/VictoriaMetrics/app/victoria-metrics@${tag}`,
};

const DEBIANS: Readonly<Record<string, (engine: Engine, image: string, folder: string) => void>> = {
  postgres: (engine, image) => engine.build(image, join(SERVERS, "postgres.Containerfile"), SERVERS),
  "emqx/emqx": (engine, image, folder) => {
    for (const file of ["emqx.Containerfile", "emqx.sh"])
      copyFileSync(join(SERVERS, file), join(folder, file));
    const box = { role: "edge", campus: CampusId(BOX.campus), node: NodeId(BOX.node) } as const;
    writeFileSync(join(folder, "hub.acl"), hubAccess("ingest"), { mode: 0o644 });
    writeFileSync(join(folder, "boxes.acl"), boxAccess([box]), { mode: 0o644 });
    engine.build(image, join(folder, "emqx.Containerfile"), folder);
  },
};

/** Those of `images` that are not there yet; `refreshed`: ours anew, from what is committed. */
export function makeImages(
  engine: Engine,
  images: readonly string[],
  {
    folder,
    onStep,
    refreshed,
  }: { readonly folder: string; readonly onStep: (step: string) => void; readonly refreshed: boolean },
): void {
  const needed = [...new Set(images)].filter(
    (image) => !engine.hasImage(qualified(image)) || (refreshed && isOurs(image)),
  );
  if (needed.length === 0) return;
  mkdirSync(folder, { recursive: true });
  if (!engine.hasImage(DEBIAN)) {
    onStep("Debian's root");
    makeDebian(engine, folder);
  }
  const commit = run("git", ["-C", ROOT, "rev-parse", "HEAD"]).trim();
  for (const image of needed) {
    onStep(image);
    const context = mkdtempSync(join(folder, "context-"));
    try {
      makeImage(engine, image, { context, folder, commit });
    } finally {
      rmSync(context, { recursive: true });
    }
  }
}

function makeDebian(engine: Engine, folder: string): void {
  const tar = join(folder, "debian.tar");
  if (!existsSync(tar)) run("mmdebstrap", ["--variant=minbase", "bookworm", tar]);
  engine.podman(["import", tar, DEBIAN]);
  rmSync(tar);
}

/** Whom this machine trusts besides (a school's proxy, say). */
const TRUSTED = "/usr/local/share/ca-certificates";

/** All of them in one file below `folder`, for a build that comes to npm through them; undefined where there is none. */
function ownAuthorities(folder: string): string | undefined {
  const there = existsSync(TRUSTED) ? readdirSync(TRUSTED).filter((name) => name.endsWith(".crt")) : [];
  if (there.length === 0) return undefined;
  const file = join(folder, "authority.crt");
  writeFileSync(file, there.map((name) => readFileSync(join(TRUSTED, name), "utf8").trimEnd()).join("\n"));
  return file;
}

function makeImage(
  engine: Engine,
  image: string,
  { context, folder, commit }: { readonly context: string; readonly folder: string; readonly commit: string },
): void {
  const [name = "", tag = ""] = image.split(":");
  const [go, debian] = [GO[name], DEBIANS[name]];
  if (isOurs(image)) {
    const which = name.replace("campus-ops-", "");
    run("sh", ["-c", `git -C "${ROOT}" archive ${commit} | tar -x -C "${context}"`]);
    const file = join(ROOT, `deploy/containers/${which}.Dockerfile`);
    engine.build(qualified(image), file, context, ownAuthorities(folder));
  } else if (go !== undefined) {
    const program = goProgram(go(tag), join(folder, "programs"));
    copyFileSync(program, join(context, "program"));
    const file = join(SERVERS, "program.Containerfile");
    engine.podman([
      "build",
      "--build-arg",
      "PROGRAM=program",
      "--file",
      file,
      "--tag",
      qualified(image),
      context,
    ]);
  } else if (debian !== undefined) {
    debian(engine, qualified(image), context);
  } else throw new Error(`there is nothing here to make the image ${image} of`);
}

export function canMake(image: string): boolean {
  const [name = ""] = image.split(":");
  return isOurs(image) || Object.hasOwn(GO, name) || Object.hasOwn(DEBIANS, name);
}

const isOurs = (image: string): boolean => image.startsWith("campus-ops-");

/** Under which Podman finds what a manifest names shortly, before it would ask a registry. */
function qualified(image: string): string {
  if (isOurs(image)) return `localhost/${image}`;
  return image.includes("/") ? `docker.io/${image}` : `docker.io/library/${image}`;
}

/** The path of the program, kept by its version. */
function goProgram(what: string, below: string): string {
  const [path = "", version = ""] = what.split("@");
  const name =
    path
      .replace(/\/v\d+$/, "")
      .split("/")
      .at(-1) ?? path;
  const folder = join(below, version);
  const program = join(folder, name);
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    run("go", ["install", what], { environment: { GOBIN: folder } });
  }
  return program;
}

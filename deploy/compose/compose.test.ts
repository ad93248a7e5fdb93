/** The compose files by the specification's schema, and by what they promise: nobody's root, nothing written but volumes. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { RETENTION_DAYS } from "@campus-ops/ingest/core/retention";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { checkConfiguration } from "../cli/check-config.ts";
import { Authority } from "../pki/authority.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const FILES = [
  "deploy/compose/one-host.yaml",
  "deploy/compose/scale-out.yaml",
  "dashboards/grafana/compose.yaml",
];
/** It writes what it makes of its configuration beside that. */
const WRITES = new Set(["emqx"]);

interface Service {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly volumes?: readonly string[];
  readonly secrets?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly deploy?: { readonly resources?: { readonly limits?: { readonly memory?: string } } };
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes?: Readonly<Record<string, unknown>>;
  readonly secrets?: Readonly<Record<string, { readonly file: string }>>;
}

const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const composed = (file: string): Compose => parse(read(file), { merge: true }) as Compose;

/** The compose specification's own schema, as dclint brings it; its formats are not checked. */
const schema = createRequire(import.meta.url)
  .resolve("dclint/package.json")
  .replace("package.json", "schemas/compose.schema.json");
const { $schema, ...specification } = JSON.parse(readFileSync(schema, "utf8")) as Readonly<
  Record<string, unknown>
>;
const isCompose = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(specification);

describe.each(FILES)("%s", (file) => {
  test("is what the compose specification calls a compose file", () => {
    expect(isCompose(composed(file)) ? [] : isCompose.errors).toEqual([]);
  });

  test("names only volumes and secrets that are there", () => {
    const { secrets = {}, services, volumes = {} } = composed(file);
    for (const [name, service] of Object.entries(services)) {
      const named = (service.volumes ?? []).map((each) => each.split(":")[0] ?? "");
      const missing = named.filter((each) => /^[a-z]/.test(each) && !(each in volumes));
      expect([name, missing]).toEqual([name, []]);
      expect([name, (service.secrets ?? []).filter((each) => !(each in secrets))]).toEqual([name, []]);
    }
  });
});

test("a typing mistake is found", () => {
  const { services, ...rest } = composed("deploy/compose/one-host.yaml");
  const mistaken = { ...rest, services: { hub: { ...services.hub, read_onyl: true } } };
  expect(isCompose(mistaken)).toBe(false);
});

const OURS = FILES.filter((file) => file.startsWith("deploy/"));

describe.each(OURS)("every service of %s", (file) => {
  const services = Object.entries(composed(file).services);

  test("has no right that it does not need, writes to volumes alone, and has a limit", () => {
    for (const [name, service] of services) {
      expect([name, service.read_only, service.cap_drop, service.security_opt]).toEqual([
        name,
        !WRITES.has(name),
        ["ALL"],
        ["no-new-privileges:true"],
      ]);
      expect([name, service.deploy?.resources?.limits?.memory]).toEqual([name, expect.any(String)]);
    }
  });

  test("has memory for files that both Docker and Podman mount: whose it is, only Docker can say", () => {
    const options = services.flatMap(([name, { tmpfs = [] }]) =>
      tmpfs.flatMap((each) => (each.split(":")[1] ?? "").split(",").map((option) => [name, option] as const)),
    );
    expect(options.length).toBeGreaterThan(0);
    expect(options.filter(([, option]) => !/^(mode|size)=/.test(option))).toEqual([]);
  });

  test("is given no secret by its environment or its command line", () => {
    for (const [name, { environment = {} }] of services) {
      const open = Object.keys(environment).filter(
        (each) => /PASSWORD|SECRET|TOKEN|KEY/.test(each) && !/_?_FILE$/.test(each),
      );
      expect([name, open]).toEqual([name, []]);
    }
  });

  test("of our own is built from a file that is there, as the user and in the folders of that file", () => {
    const own = services.filter(([, { build }]) => build !== undefined);
    expect(own.length).toBeGreaterThan(0);
    for (const [, { build, tmpfs = [], user = "", volumes = [] }] of own) {
      const from = build?.dockerfile ?? "";
      expect(existsSync(join(ROOT, from)), from).toBe(true);
      const text = read(from);
      expect(text).toContain(`USER ${user}`);
      const places = [...volumes, ...tmpfs].flatMap((each) => each.match(/\/[a-z/]+\/campus-ops-\w+/g) ?? []);
      for (const place of places.filter((each) => !each.startsWith("/etc/"))) expect(text).toContain(place);
    }
  });
});

test.each(OURS)(
  "VictoriaMetrics of %s keeps points for as long as a hub does that is told nothing else",
  (file) => {
    const [, years = ""] = /-retentionPeriod=(\d+)y/.exec(read(file)) ?? [];
    expect(Number(years) * 365).toBeGreaterThan(Math.max(...Object.values(RETENTION_DAYS)));
  },
);

describe("the hub of several workers", () => {
  const { services } = composed("deploy/compose/scale-out.yaml");
  const text = read("deploy/compose/scale-out/hub.yaml");

  test("has a configuration that every process takes, and that names services alone", async () => {
    const folder = mkdtempSync(join(tmpdir(), "compose-"));
    try {
      mkdirSync(join(folder, "secrets"));
      const authority = await Authority.create(join(folder, "pki"), "a city", Date.now());
      const pem = await authority.issueServer(["hub.example"], Date.now());
      for (const [, name = ""] of text.matchAll(/secrets\/([\w.]+)/g)) {
        const secret = name.endsWith(".pem") ? pem : `${"s3cret".repeat(6)}\n`;
        writeFileSync(join(folder, "secrets", name), secret, { mode: 0o600 });
      }
      writeFileSync(join(folder, "hub.yaml"), text);
      checkConfiguration(join(folder, "hub.yaml"));
    } finally {
      rmSync(folder, { recursive: true });
    }
    const hosts = [...text.matchAll(/\/\/(?:\w+@)?([a-z-]+):\d+/g)].map(([, host]) => host);
    expect(hosts).toHaveLength(4);
    for (const host of hosts) expect(Object.keys(services)).toContain(host);
  });

  test("reaches each worker by the name of its own service", () => {
    const workers = Object.entries(services).filter(([name]) => /^(ingest|rules)-\d$/.test(name));
    expect(workers).toHaveLength(4);
    for (const [name, { environment, healthcheck }] of workers) {
      expect([name, environment?.CAMPUS_OPS_WORKER_HOST]).toEqual([name, name]);
      expect(healthcheck?.test.join(" ")).toContain(`:${environment?.CAMPUS_OPS_PROBE_PORT}/readyz`);
    }
  });

  test.each([
    [200, 0],
    [503, 1],
  ])("asks a worker how it is: %d ends the check with %d", async (status, code) => {
    const worker = createServer((_request, response) => response.writeHead(status).end());
    await new Promise<void>((resolve) => worker.listen(0, "127.0.0.1", resolve));
    try {
      const [kind, , flag = "", script = ""] = services["ingest-1"]?.healthcheck?.test ?? [];
      expect([kind, flag]).toEqual(["CMD", "--eval"]);
      const there = script.replace("9090", String((worker.address() as AddressInfo).port));
      const check = spawn(process.execPath, [flag, there], {
        env: { ...process.env, CAMPUS_OPS_WORKER_HOST: "127.0.0.1" },
        stdio: "ignore",
      });
      expect(await once(check, "exit")).toEqual([code, null]);
    } finally {
      worker.close();
    }
  });

  test("gives every process the variables that it reads, and no other", () => {
    const source = read("deploy/service/environment.ts");
    for (const [name, { environment = {} }] of Object.entries(services)) {
      const given = Object.keys(environment).filter((each) => each.startsWith("CAMPUS_OPS_"));
      for (const each of given) expect([name, source]).toEqual([name, expect.stringContaining(each)]);
      if (!/^(ingest|rules|console)/.test(name)) continue;
      expect([name, given]).toEqual([
        name,
        expect.arrayContaining(["CAMPUS_OPS_CONFIG", "CAMPUS_OPS_DATA", "CAMPUS_OPS_RUN"]),
      ]);
    }
  });

  test("mounts files that are there, but for secrets", () => {
    for (const { volumes = [] } of Object.values(services)) {
      const files = volumes.map((each) => each.split(":")[0] ?? "").filter((each) => each.startsWith("."));
      for (const file of files.filter((each) => !each.startsWith("./secrets/")))
        expect(existsSync(join(import.meta.dirname, file)), file).toBe(true);
    }
  });
});

/** The compose files by the specification's schema, and by what they promise: nobody's root, nothing written but volumes. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";

const ROOT = resolve(import.meta.dirname, "../..");
const FILES = ["deploy/compose/one-host.yaml", "dashboards/grafana/compose.yaml"];

interface Service {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly tmpfs?: readonly string[];
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
        true,
        ["ALL"],
        ["no-new-privileges:true"],
      ]);
      expect([name, service.deploy?.resources?.limits?.memory]).toEqual([name, expect.any(String)]);
    }
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

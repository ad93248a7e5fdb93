import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadConfiguration, readSecret } from "./configuration.ts";
import { storePlace } from "./store/place.ts";
import { SITE } from "./testing/campus.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ingest-configuration-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function place(store: string) {
  const file = join(folder, "hub.yaml");
  writeFileSync(
    file,
    `site: ${JSON.stringify(SITE)}\ningest:\n  store:\n    ${store.replaceAll("\n", "\n    ")}\n`,
  );
  const { ingest } = loadConfiguration(file);
  return storePlace(ingest.store, "/data", (path) => readSecret(file, path));
}

const secret = (name: string) => writeFileSync(join(folder, name), "s3cret\n", { mode: 0o600 });

test("the store is embedded in the data folder unless something else is said", () => {
  expect(place("{}")).toEqual({ engine: "embedded", folder: "/data/store" });
});

test("an InfluxDB is named by database, or by organisation, bucket and token", () => {
  secret("password");
  secret("token");
  expect(
    place(
      "engine: influxdb\nurl: http://10.0.0.5:8086\ndatabase: ops\nusername: hub\npasswordFile: password",
    ),
  ).toMatchObject({
    address: {
      generation: 1,
      url: "http://10.0.0.5:8086",
      database: "ops",
      username: "hub",
      password: "s3cret",
    },
  });
  expect(
    place(
      "engine: influxdb\nversion: 2\nurl: http://10.0.0.5:8086\norganisation: o\nbucket: b\ntokenFile: token",
    ),
  ).toMatchObject({ address: { generation: 2, organisation: "o", bucket: "b", token: "s3cret" } });
});

test("a VictoriaMetrics is one server or a cluster", () => {
  expect(place("engine: victoria-metrics\nurl: http://10.0.0.6:8428")).toEqual({
    engine: "victoria-metrics",
    address: { kind: "single", url: "http://10.0.0.6:8428" },
  });
  expect(
    place("engine: victoria-metrics\ninsertUrl: http://a:8480\nselectUrl: http://b:8481\naccount: '3:1'"),
  ).toEqual({
    engine: "victoria-metrics",
    address: { kind: "cluster", insertUrl: "http://a:8480", selectUrl: "http://b:8481", account: "3:1" },
  });
});

test.each([
  ["engine: influxdb\nurl: http://a", /hub\.yaml:\d+: ingest\.store\.database: is needed for influxdb/],
  [
    "engine: influxdb\nversion: 2\nurl: http://a\nbucket: b\ntokenFile: t",
    /ingest\.store\.organisation: is needed/,
  ],
  [
    "engine: victoria-metrics",
    /ingest\.store\.insertUrl: is needed[\s\S]*ingest\.store\.selectUrl: is needed/,
  ],
  [
    "engine: victoria-metrics\nurl: http://a\ninsertUrl: http://b\nselectUrl: http://c",
    /ingest\.store\.url: .*choose one/,
  ],
  ["engine: postgres", /ingest\.store\.engine: must be one of "embedded"/],
  ["engine: influxdb\nurl: localhost:8086\ndatabase: x", /ingest\.store\.url: must look like/],
])("%j is refused, by file, line and field", (store, message) => {
  expect(() => place(store)).toThrow(message);
});

test("a token that others can read is refused", () => {
  writeFileSync(join(folder, "open"), "t\n", { mode: 0o644 });
  expect(() => place("engine: influxdb\nversion: 3\nurl: http://a\nbucket: b\ntokenFile: open")).toThrow(
    /can be read by others/,
  );
});

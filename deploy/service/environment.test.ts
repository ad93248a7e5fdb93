import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { EnvironmentError, probePlace, readEnvironment } from "./environment.ts";

describe("the environment", () => {
  test("has a default for everything", () => {
    expect(readEnvironment({})).toEqual({
      config: undefined,
      data: resolve("data"),
      run: resolve("data/run"),
      httpPort: 8080,
      mqttPort: 1883,
      logLevel: "info",
      machine: "/",
      service: undefined,
    });
  });

  test("says where things are", () => {
    const told = { CAMPUS_OPS_DATA: "/srv/a", CAMPUS_OPS_HTTP_PORT: "81", CAMPUS_OPS_MQTT_PORT: "82" };
    expect(readEnvironment(told)).toMatchObject({
      data: "/srv/a",
      run: "/srv/a/run",
      httpPort: 81,
      mqttPort: 82,
    });
    expect(readEnvironment({ ...told, CAMPUS_OPS_RUN: "/run/a" }).run).toBe("/run/a");
  });

  test("an empty variable is one that was not set, as shells and units write it", () => {
    const empty = {
      CAMPUS_OPS_CONFIG: "",
      CAMPUS_OPS_DATA: "",
      CAMPUS_OPS_RUN: "",
      CAMPUS_OPS_HTTP_PORT: "",
    };
    expect(readEnvironment(empty)).toEqual(readEnvironment({}));
  });

  test.each(["0", "65536", "80.5", "-1", "http", "0x50", "1e3", " 80"])(
    "refuses the port %j, and says so",
    (text) => {
      expect(() => readEnvironment({ CAMPUS_OPS_MQTT_PORT: text })).toThrow(EnvironmentError);
      expect(() => readEnvironment({ CAMPUS_OPS_MQTT_PORT: text })).toThrow(
        `CAMPUS_OPS_MQTT_PORT is ${JSON.stringify(text)}; it must be a port, 1 to 65535`,
      );
    },
  );

  test("a worker is asked how it is where the others reach it, and nowhere unless that is wanted", () => {
    expect(probePlace(readEnvironment({ CAMPUS_OPS_WORKER_HOST: "ingest-1" }))).toBeUndefined();
    const asked = readEnvironment({ CAMPUS_OPS_WORKER_HOST: "ingest-1", CAMPUS_OPS_PROBE_PORT: "9090" });
    expect(probePlace(asked)).toEqual({ host: "ingest-1", port: 9090 });
    expect(probePlace({ ...asked, workerHost: undefined })?.host).toBe("127.0.0.1");
  });

  test("refuses a log level that there is not", () => {
    expect(() => readEnvironment({ CAMPUS_OPS_LOG_LEVEL: "loud" })).toThrow(/must be one of trace, debug/);
  });
});

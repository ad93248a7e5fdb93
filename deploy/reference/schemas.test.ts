import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { checkDocument, InvalidDocumentError } from "@campus-ops/service";
import { describe, expect, test } from "vitest";
import { schemaFiles } from "./schemas.ts";

const schemaOf = (name: string): object => {
  const { $schema, title, ...schema } = JSON.parse(
    schemaFiles().get(`docs/reference/schemas/${name}`) ?? "{}",
  ) as Record<string, unknown>;
  expect($schema).toMatch(/^http/);
  expect(title).toMatch(/^campus-ops/);
  return schema;
};

describe("the schema for editors", () => {
  const example = readFileSync(
    resolve(import.meta.dirname, "../../examples/profiles/corridor-sensor.yaml"),
    "utf8",
  );

  const modbus = schemaOf("profile-modbus.json");

  /** A schema that names every metric takes a busy machine a while to compile. */
  test("takes the example profile", { timeout: 60_000 }, () => {
    expect(() => checkDocument("a.yaml", example, modbus)).not.toThrow();
  });

  test("knows the capability dictionary's names", () => {
    const mistyped = example.replace("Environment/Temperature:", "Environment/Temprature:");
    expect(() => checkDocument("a.yaml", mistyped, modbus)).toThrow(InvalidDocumentError);
    expect(JSON.stringify(modbus)).toContain("温度");
  });

  test("of an edge agent's file is the one that it checks with", () => {
    const file = readFileSync(resolve(import.meta.dirname, "../../examples/this-machine.edge.yaml"), "utf8");
    expect(() => checkDocument("a.yaml", file, schemaOf("edge.json"))).not.toThrow();
  });
});

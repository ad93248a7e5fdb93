import { openApiDocument } from "@campus-ops/dashboards/openapi";
import { expect, test } from "vitest";
import { random } from "../testing/random.ts";
import { type OpenApi, operationsOf, requestOf } from "./http-requests.ts";

const document = (await openApiDocument()) as OpenApi;

test("every operation of the API is asked, with all of its path filled in", () => {
  const operations = operationsOf(document);
  expect(operations.length).toBeGreaterThan(100);
  const chance = random(1);
  for (const operation of operations) {
    const { method, path } = requestOf(operation, chance);
    expect(path).not.toMatch(/[{}]/);
    expect(() => new Request(`http://hub${path}`, { method })).not.toThrow();
  }
});

test("bodies follow the schema often enough to reach what is behind it, and not always", () => {
  const chance = random(2);
  const operation = {
    method: "POST",
    path: "/x",
    operation: {
      requestBody: {
        content: {
          "application/json": {
            schema: { type: "object", required: ["kind"], properties: { kind: { enum: ["a", "b"] } } },
          },
        },
      },
    },
  };
  const isRight = (text: string | Buffer | undefined): boolean => /^\{"kind":"[ab]"\}$/.test(String(text));
  const right = Array.from({ length: 300 }, () => requestOf(operation, chance).body).filter(isRight).length;
  expect(right).toBeGreaterThan(100);
  expect(right).toBeLessThan(290);
});

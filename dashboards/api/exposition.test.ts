import { expect, test } from "vitest";
import { mergeExpositions } from "./exposition.ts";

const broker =
  '# HELP up Is it up\n# TYPE up gauge\nup{process="broker"} 1\n\n# HELP only Only here\n# TYPE only counter\nonly{process="broker"} 3\n';
const ingest = '# HELP up Is it up\n# TYPE up gauge\nup{process="ingest"} 1\n';

test("a family that two processes have appears once, with the samples of both", () => {
  expect(mergeExpositions([broker, ingest])).toBe(
    '# HELP up Is it up\n# TYPE up gauge\nup{process="broker"} 1\nup{process="ingest"} 1\n# HELP only Only here\n# TYPE only counter\nonly{process="broker"} 3\n',
  );
});

test("a histogram's buckets stay with their family", () => {
  const text = '# TYPE t histogram\nt_bucket{le="1"} 2\nt_sum 1\nt_count 2\n';
  expect(mergeExpositions([text])).toBe(text);
});

test("nothing makes nothing", () => {
  expect(mergeExpositions([])).toBe("");
});

import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { OperatorError } from "@campus-ops/service";
import { expect, test } from "vitest";
import { portHolder, requireFreePort } from "./ports.ts";

const purpose = { purpose: "the console and the API", variable: "CAMPUS_OPS_HTTP_PORT" };

test("a taken port is refused with who holds it and how to choose another", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const refusal = await requireFreePort({ port, ...purpose }).catch((error: unknown) => error);
  server.close();
  expect(refusal).toBeInstanceOf(OperatorError);
  expect(String(refusal)).toContain(`(pid ${process.pid})`);
  expect(String(refusal)).toContain(`CAMPUS_OPS_HTTP_PORT=${port + 1} npm start`);
});

test("a free port is no reason to complain, and nobody is named for it", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  await requireFreePort({ port, ...purpose });
  expect(portHolder(port)).toBeUndefined();
});

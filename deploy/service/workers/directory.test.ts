/** Against a real PostgreSQL, with workers that answer by HTTP and one whose machine has gone silent: its connections stay open. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { Directory } from "./directory.ts";
import { type Lease, Leases, prepareLeases } from "./leases.ts";
import { openPostgres, type Postgres } from "./postgres.ts";
import { PASSWORD, PostgresServer } from "./testing/postgres-server.ts";

const LONG_MS = 3_600_000;

let server: PostgresServer;
let postgres: Postgres;
let directory: Directory;
let campus = 0;
/** The clock goes before the machine's by this. */
let ahead_ms = 0;
const machines: Server[] = [];
beforeAll(async () => {
  server = await PostgresServer.start();
  postgres = openPostgres({ url: server.url, password: PASSWORD, lease_ms: LONG_MS }, () => undefined);
  await prepareLeases(postgres);
});
afterAll(async () => {
  await postgres.end();
  await server.stop();
});
beforeEach(() => {
  campus += 1;
  directory = new Directory({ postgres, uptime_ms: () => performance.now() + ahead_ms });
});
afterEach(async () => {
  await directory.close();
  for (const machine of machines.splice(0)) {
    machine.closeAllConnections();
    machine.close();
  }
});

const client = () => directory.client("rules", String(campus));

/** Answers for the campus from now on. */
async function answers(
  name: string,
  serve: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ readonly lease: Lease; readonly leases: Leases; readonly machine: Server }> {
  const machine = createServer(serve);
  machines.push(machine);
  machine.listen(0, "127.0.0.1");
  await once(machine, "listening");
  const leases = new Leases(postgres, "rules", name, LONG_MS);
  const lease = await leases.take(String(campus));
  if (lease === undefined) throw new Error("somebody else has it");
  await leases.answerAt(lease, `http://127.0.0.1:${(machine.address() as AddressInfo).port}`);
  return { lease, leases, machine };
}

/** Takes what it is asked, begins what is a stream, and says nothing more. */
class Silent {
  readonly asked: string[] = [];
  readonly #heard = Promise.withResolvers<void>();

  readonly serve = ({ method, url }: IncomingMessage, response: ServerResponse): void => {
    if (url === "/stream") response.write("event: first\n\n");
    else this.asked.push(`${method} ${url}`);
    if (this.asked.length === 2) this.#heard.resolve();
  };

  /** Both questions are there. */
  get heard(): Promise<void> {
    return this.#heard.promise;
  }
}

test("when another worker has a campus, nobody waits on for the one whose machine went silent", async () => {
  const silent = new Silent();
  const { lease, leases } = await answers("first", silent.serve);
  const stream = (await client().fetch("/stream")).body?.getReader();
  expect(new TextDecoder().decode((await stream?.read())?.value)).toBe("event: first\n\n");
  const [list, act] = [client().fetch("/alarms"), client().fetch("/acknowledge", { method: "POST" })];
  const acted = act.then(
    () => "answered",
    () => "failed",
  );
  await silent.heard;
  await leases.release(lease);
  const asked: string[] = [];
  await answers("second", ({ method, url }, response) => {
    asked.push(`${method} ${url}`);
    response.end("of the second");
  });
  // What only reads is answered by the next one; of what does something nobody knows whether it was done.
  expect(await (await list).text()).toBe("of the second");
  expect(await acted).toBe("failed");
  await expect(stream?.read()).rejects.toThrow();
  expect(asked).toEqual(["GET /alarms"]);
  expect(silent.asked.toSorted()).toEqual(["GET /alarms", "POST /acknowledge"]);
});

test("a worker that is late with its lease is waited for until another one answers", async () => {
  const slow = Promise.withResolvers<ServerResponse>();
  const { lease, leases } = await answers("first", ({ url }, response) => {
    if (url === "/slow") slow.resolve(response);
    else response.end("at once");
  });
  const asked = client().fetch("/slow", { method: "POST" });
  const response = await slow.promise;
  await leases.release(lease);
  ahead_ms += LONG_MS;
  await expect(
    client()
      .fetch("/alarms")
      .then(({ status }) => status),
  ).rejects.toThrow("nobody answers");
  response.end("late");
  expect(await (await asked).text()).toBe("late");
});

test("what a machine that refuses never heard is asked of the next one, whatever it does", async () => {
  const { lease, leases, machine } = await answers("first", (_, response) => {
    response.end("of the first");
  });
  expect(await (await client().fetch("/alarms")).text()).toBe("of the first");
  machine.closeAllConnections();
  machine.close();
  await leases.release(lease);
  await answers("second", (_, response) => {
    response.end("of the second");
  });
  expect(await (await client().fetch("/acknowledge", { method: "POST" })).text()).toBe("of the second");
});

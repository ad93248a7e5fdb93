import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import { serviceQuery } from "@campus-ops/device-profiles/codecs/dns-sd";
import { formatAcknowledgement, isSearch } from "@campus-ops/device-profiles/codecs/pjlink-datagrams";
import { findProfile } from "@campus-ops/device-profiles/profiles";
import { genericPjlinkClass2 } from "@campus-ops/device-profiles/profiles/projector/generic-pjlink-class-2";
import { startSimulator } from "@campus-ops/device-profiles/simulator";
import { startDiscoveryResponder } from "@campus-ops/device-profiles/simulator/ws-discovery";
import { afterEach, describe, expect, test } from "vitest";
import { type DiscoveryOptions, discover, waitBefore_ms } from "./discover.ts";
import type { DiscoveryProtocol, Finding } from "./finding.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function simulated(id: string, options: { secret?: string } = {}): Promise<number> {
  const profile = findProfile(id);
  if (profile === undefined) throw new Error(`no profile ${id}`);
  const device = await startSimulator(profile, options);
  closing.push(() => device.close());
  return Number(new URL(device.url).port);
}

interface Search {
  readonly findings: readonly Finding[];
  readonly progress: readonly number[];
}

async function search(
  protocol: DiscoveryProtocol,
  port: number,
  more: Partial<DiscoveryOptions> = {},
): Promise<Search> {
  const findings: Finding[] = [];
  const progress: number[] = [];
  await discover(
    {
      addresses: ["127.0.0.1"],
      protocols: [protocol],
      rate_per_s: 200,
      timeout_ms: 1_000,
      communities: ["public"],
      units: [1],
      ports: { [protocol]: port },
      onFinding: (finding) => findings.push(finding),
      onProgress: (done) => progress.push(done),
      ...more,
    },
    AbortSignal.timeout(15_000),
  );
  return { findings, progress };
}

describe("a search finds", () => {
  test("Modbus units, those of a gateway one by one, and counts the addresses it has asked", async () => {
    const port = await simulated("environment-sensor/generic-room-monitor");
    const addresses = ["127.0.0.1", "127.0.0.2", "127.0.0.3"];
    const { findings, progress } = await search("modbus", port, { addresses, units: [1, 2] });
    expect(findings).toEqual([
      { protocol: "modbus", address: "127.0.0.1", url: `modbus://127.0.0.1:${port}?unit=1`, facts: {} },
    ]);
    expect(progress).toEqual([1, 2, 3]);
  });

  test("SNMP agents by the community that they answer, and what they are", async () => {
    const port = await simulated("switch/generic-if-mib", { secret: "campus" });
    const { findings } = await search("snmp", port, { communities: ["public", "campus"] });
    expect(findings).toMatchObject([
      { url: `snmp://127.0.0.1:${port}`, facts: { name: "switch-generic-if-mib" } },
    ]);
  });

  test("projectors by their greeting, and those that want a password too", async () => {
    const open = await search("pjlink", await simulated("projector/generic-pjlink-class-2"));
    expect(open.findings[0]?.facts).toMatchObject({ pjlinkClass: 2, vendor: "generic" });
    const locked = await search(
      "pjlink",
      await simulated("projector/generic-pjlink-class-1", { secret: "x" }),
    );
    expect(locked.findings).toMatchObject([{ protocol: "pjlink", facts: {} }]);
  });

  test("projectors by their own search, also one whose only connection another controller holds", async () => {
    const projector = await startSimulator(genericPjlinkClass2, { identity: "02:00:00:00:00:07" });
    closing.push(() => projector.close());
    const port = Number(new URL(projector.url).port);
    const quick = { timeout_ms: 300 };
    expect((await search("pjlink", port, quick)).findings[0]?.facts).toMatchObject({
      vendor: "generic",
      mac: "02:00:00:00:00:07",
    });
    await projector.fault("hang");
    expect((await search("pjlink", port, quick)).findings).toEqual([
      {
        protocol: "pjlink",
        address: "127.0.0.1",
        url: projector.url,
        facts: { pjlinkClass: 2, mac: "02:00:00:00:00:07" },
      },
    ]);
    await projector.fault("down");
    expect((await search("pjlink", port, quick)).findings).toEqual([]);
  });

  test("projectors by broadcast on a named interface alone, and none outside the ranges", async () => {
    const projector = createSocket("udp4");
    let searches = 0;
    projector.on("message", (question, { address, port }) => {
      expect(isSearch(question)).toBe(true);
      searches += 1;
      // Behind it, what is no answer.
      for (const said of [formatAcknowledgement("02:00:00:00:00:08"), "%2ACKN=\r"]) {
        answers.send(said, port, address);
      }
    });
    const answers = createSocket("udp4");
    answers.bind(0, "127.0.0.5");
    projector.bind(0, "127.255.255.255");
    await Promise.all([once(projector, "listening"), once(answers, "listening")]);
    closing.push(
      () => projector.close(),
      () => answers.close(),
    );
    const { port } = projector.address();
    const quick = { timeout_ms: 300, interface: "127.0.0.1" };
    const inside = await search("pjlink", port, { ...quick, addresses: ["127.0.0.5"] });
    expect(inside.findings.map(({ address, facts }) => [address, facts.mac])).toEqual([
      ["127.0.0.5", "02:00:00:00:00:08"],
    ]);
    expect((await search("pjlink", port, quick)).findings).toEqual([]);
    await search("pjlink", port, { timeout_ms: 300 });
    expect(searches).toBe(2);
  });

  const CAMERA = {
    addresses: ["http://10.9.9.9/onvif/device_service", "http://127.0.0.1:8000/onvif/device_service"],
    types: ["NetworkVideoTransmitter"],
    scopes: { name: "南门", hardware: "IPC" },
  };

  test("cameras by WS-Discovery, at the address that they answered from", async () => {
    const responder = await startDiscoveryResponder(0, () => [CAMERA]);
    closing.push(() => responder.close());
    const { findings } = await search("onvif", responder.port, { timeout_ms: 300 });
    expect(findings).toEqual([
      {
        protocol: "onvif",
        address: "127.0.0.1",
        url: "http://127.0.0.1:8000/onvif/device_service",
        facts: { name: "南门", model: "IPC", description: "NetworkVideoTransmitter" },
      },
    ]);
  });

  test("by multicast on a named interface alone, and leaves out whoever lies outside the ranges", async () => {
    const responder = await startDiscoveryResponder(0, () => [CAMERA]);
    closing.push(() => responder.close());
    const quiet = { timeout_ms: 300, interface: "127.0.0.1" };
    const inside = await search("onvif", responder.port, { ...quiet, addresses: ["127.0.0.1"] });
    expect(inside.findings).toHaveLength(1);
    const outside = await search("onvif", responder.port, { ...quiet, addresses: ["127.0.0.9"] });
    expect(outside.findings).toEqual([]);
  });

  test("services by multicast DNS", async () => {
    const socket = createSocket("udp4");
    socket.on("message", (question, { address, port }) => {
      // The question's own name, 12 bytes in, points to _http._tcp.local.
      const answer = Buffer.from(`c00c000c000100000078000c055f68747470045f746370c023`, "hex");
      const header = Buffer.from(question.subarray(0, 12));
      header.writeUInt16BE(0x8400, 2);
      header.writeUInt16BE(1, 6);
      socket.send(Buffer.concat([header, question.subarray(12), answer]), port, address);
    });
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    closing.push(() => new Promise<void>((resolve) => socket.close(() => resolve())));
    const { findings } = await search("mdns", socket.address().port, { timeout_ms: 300 });
    expect(findings).toMatchObject([{ protocol: "mdns", facts: { description: "_http._tcp" } }]);
    expect(serviceQuery(["a"]).length).toBe(19);
  });
});

describe("a search is harmless", () => {
  test("what accepts and says nothing, or says nonsense, is nothing and holds nobody up", async () => {
    for (const answer of [undefined, "SSH-2.0-OpenSSH_9.2\r\n"]) {
      const server = createServer((socket) => {
        socket.on("error", () => undefined);
        if (answer !== undefined) socket.write(answer);
      });
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      closing.push(() => server.close());
      const { port } = server.address() as { port: number };
      for (const protocol of ["modbus", "pjlink"] as const) {
        expect((await search(protocol, port, { timeout_ms: 200 })).findings).toEqual([]);
      }
    }
  });

  test("it asks no faster than it was told, and catches up on nothing", () => {
    expect(waitBefore_ms(1_000, 1_010, 20)).toBe(40);
    expect(waitBefore_ms(1_000, 9_000, 20)).toBe(0);
    expect(waitBefore_ms(Number.NEGATIVE_INFINITY, 0, 20)).toBe(0);
  });

  test("it asks nobody any more once it is told to end", async () => {
    const server = createServer(() => expect.unreachable("somebody was asked"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    closing.push(() => server.close());
    const { port } = server.address() as { port: number };
    const findings: Finding[] = [];
    const options: DiscoveryOptions = {
      addresses: ["127.0.0.1"],
      protocols: ["modbus", "pjlink"],
      rate_per_s: 20,
      timeout_ms: 1_000,
      communities: [],
      units: [1],
      ports: { modbus: port, pjlink: port },
      onFinding: (finding) => findings.push(finding),
      onProgress: () => expect.unreachable("an address was counted"),
    };
    await discover(options, AbortSignal.abort());
    expect(findings).toEqual([]);
  });
});

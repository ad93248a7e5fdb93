/** A hub's enrolment on a free port of loopback, with a clock of its own, and boxes that ask it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { denyCertificates } from "@campus-ops/broker/deny-list";
import { CampusId, NodeId } from "@campus-ops/device-profiles/vocabulary";
import { Counter, createLog, Registry } from "@campus-ops/service";
import type { Downloads } from "../../updates/downloads.ts";
import { Authority } from "../authority.ts";
import { deniedFile } from "../configuration.ts";
import { Enrolment } from "../enrolment.ts";
import { type EnrolmentServer, serveEnrolment } from "../enrolment-server.ts";
import { EnrolmentStore } from "../enrolment-store.ts";
import { ensureServerCertificate } from "../server-certificate.ts";

export const DAY_MS = 86_400_000;

export const edgeIdentity = (campus: string, node: string) =>
  ({ role: "edge", campus: CampusId(campus), node: NodeId(node) }) as const;

export class TestEnrolment implements AsyncDisposable {
  readonly top: string;
  readonly authority: Authority;
  readonly store: EnrolmentStore;
  readonly enrolment: Enrolment;
  readonly #clock: { now: number };
  #server: EnrolmentServer | undefined;

  private constructor(top: string, authority: Authority, clock: { now: number }) {
    this.top = top;
    this.authority = authority;
    this.#clock = clock;
    this.store = new EnrolmentStore(join(top, "pki", "enrolment.sqlite"));
    this.enrolment = new Enrolment({
      authority,
      store: this.store,
      denied: { deny: (serials, why) => denyCertificates(deniedFile(this.folder), serials, why) },
      now: () => clock.now,
    });
  }

  /** `daysAgo`: where its clock begins. */
  static async start({
    daysAgo = 0,
    requestsAMinute = 1_000,
    downloads,
  }: {
    readonly daysAgo?: number;
    readonly requestsAMinute?: number;
    readonly downloads?: Pick<Downloads, "answer">;
  } = {}): Promise<TestEnrolment> {
    const top = mkdtempSync(join(tmpdir(), "enrolment-"));
    const clock = { now: Date.now() - daysAgo * DAY_MS };
    const authority = await Authority.create(join(top, "pki"), "Test hub", clock.now);
    const test = new TestEnrolment(top, authority, clock);
    const { pem } = await ensureServerCertificate(
      authority,
      test.folder,
      ["127.0.0.1", "hub.example"],
      clock.now,
    );
    test.#server = await serveEnrolment({
      host: "127.0.0.1",
      port: 0,
      identity: pem,
      enrolment: test.enrolment,
      log: createLog("enrolment", "silent"),
      requests: new Counter({
        name: "requests",
        help: "requests",
        labelNames: ["outcome"],
        registers: [new Registry()],
      }),
      requestsAMinute,
      ...(downloads === undefined ? {} : { downloads }),
    });
    return test;
  }

  get folder(): string {
    return join(this.top, "pki");
  }

  get port(): number {
    return this.#server?.port ?? 0;
  }

  get now(): number {
    return this.#clock.now;
  }

  pass(days: number): void {
    this.#clock.now += days * DAY_MS;
  }

  get address() {
    return { host: "127.0.0.1", port: this.port, pin: this.authority.pin, now: undefined };
  }

  token(campus = "qiyun-no1", node = "box-1", replaces = false): string {
    const configuration = {
      campus: { id: campus, path: `990100/990102/${campus}` },
      node: { id: node, title: { zh: "一号盒", en: "Box 1" } },
      broker: { url: "mqtts://127.0.0.1:8883" },
      primaryHost: "hub",
    };
    return this.enrolment.makeToken(
      { identity: edgeIdentity(campus, node), configuration, replaces },
      "tester",
    );
  }

  /** A folder with a seed file in it. */
  seed(name: string, text: string): string {
    const place = mkdtempSync(join(this.top, `${name}-`));
    writeFileSync(join(place, "edge.conf"), text);
    return place;
  }

  seedText(token: string): string {
    return `hub=127.0.0.1:${this.port}\nca-sha256=${this.authority.pin}\ntoken=${token}\n`;
  }

  denied(): string {
    try {
      return readFileSync(deniedFile(this.folder), "utf8");
    } catch {
      return "";
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.close();
    this.store.close();
    rmSync(this.top, { recursive: true });
  }
}

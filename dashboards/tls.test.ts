import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, utimesSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readTls, renewal } from "./tls.ts";

let folder: string;
let server: Server | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tls-"));
});
afterEach(() => {
  server?.close();
  server = undefined;
  rmSync(folder, { recursive: true });
});

const files = () => ({ certificateFile: join(folder, "hub.crt"), keyFile: join(folder, "hub.key") });
let made = 0;
/** A certificate and its key; `at` is when the files say that they were written. */
function issue(name: string): void {
  const { certificateFile, keyFile } = files();
  const subject = ["-subj", `/CN=${name}`, "-days", "1", "-keyout", keyFile, "-out", certificateFile];
  execFileSync(
    "openssl",
    ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", ...subject],
    { stdio: "ignore" },
  );
  chmodSync(keyFile, 0o600);
  made += 1;
  for (const file of [certificateFile, keyFile]) utimesSync(file, made, made);
}
/** The name that the listener shows. */
const shown = (port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const ca = readFileSync(files().certificateFile);
    const socket = connect({ host: "127.0.0.1", port, ca, rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    }).on("error", reject);
  });

test("a renewed certificate is shown without a restart, and one that is not right leaves the old one", async () => {
  issue("first");
  const { certificate, key } = readTls(files());
  server = createServer({ cert: certificate, key });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const renewed = renewal(server, files());
  expect([renewed(), await shown(port)]).toEqual([false, "first"]);
  issue("second");
  expect([renewed(), await shown(port)]).toEqual([true, "second"]);
  issue("third");
  chmodSync(files().keyFile, 0o644);
  expect(() => renewed()).toThrow("can be read by others");
  expect([renewed(), await shown(port)]).toEqual([false, "second"]);
});

test("a key of another certificate is refused at the start, with the files' names", () => {
  issue("first");
  const { certificateFile, keyFile } = files();
  const key = readFileSync(keyFile);
  issue("second");
  execFileSync("tee", [keyFile], { input: key, stdio: ["pipe", "ignore", "ignore"] });
  expect(() => readTls({ certificateFile, keyFile })).toThrow(
    /hub\.crt and .*hub\.key are no certificate with its key/,
  );
});

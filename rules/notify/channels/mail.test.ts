import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { afterEach, expect, test } from "vitest";
import { ChannelError, type Message } from "./channel.ts";
import { mail } from "./mail.ts";

const servers: SMTPServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise<void>((resolve) => server.close(resolve));
});

/** A real SMTP server on a free port, and what it was given. */
async function smtp(options: SMTPServerOptions = {}) {
  const mails: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        mails.push(Buffer.concat(chunks).toString("utf8"));
        done();
      });
    },
    ...options,
  });
  server.on("error", () => undefined);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.server.address() as AddressInfo;
  return { url: `smtp://127.0.0.1:${port}`, mails };
}

const message: Message = {
  id: "a1.5.raised.gate.mail",
  subject: "【红色 1】一键报警",
  text: "立即到现场。",
  notices: [],
  createdAt: 0,
};
const addresses = { from: "hub@school.test", to: ["duty@school.test", "leader@school.test"] };
const soon = () => AbortSignal.timeout(20_000);
const failure = (sending: Promise<string>): Promise<unknown> =>
  sending.then(String, (error: unknown) => error);

test("a mail arrives with its subject, its text and an id that stays the same at every attempt", async () => {
  const { url, mails } = await smtp();
  const channel = mail({ url, ...addresses });
  expect(await channel.send(message, soon(), "")).toContain("250");
  await channel.send(message, soon(), "");
  await channel.close?.();
  expect(mails).toHaveLength(2);
  for (const text of mails) {
    expect(text).toContain("Message-ID: <a1.5.raised.gate.mail@campus-ops>");
    expect(text).toContain("duty@school.test, leader@school.test");
    expect(text).toContain("Auto-Submitted: auto-generated");
    expect(text).toContain(Buffer.from("立即到现场。").toString("base64"));
  }
});

test("a password is never sent in the clear", async () => {
  const logins: string[] = [];
  const { url, mails } = await smtp({
    onAuth({ username }, _session, done) {
      logins.push(String(username));
      done(null, { user: username });
    },
  });
  const error = await failure(
    mail({ url, ...addresses, username: "hub", password: "s3cret" }).send(message, soon(), ""),
  );
  expect(error).toBeInstanceOf(ChannelError);
  expect(logins).toEqual([]);
  expect(mails).toEqual([]);
});

test("a refused recipient is given up; a busy server and an absent one are tried again", async () => {
  const refusing = async (responseCode: number) =>
    smtp({
      onRcptTo: (_address, _session, done) => done(Object.assign(new Error("no"), { responseCode })),
    });
  const at = async (url: string) =>
    (await failure(mail({ url, ...addresses }).send(message, soon(), ""))) as ChannelError;
  expect((await at((await refusing(550)).url)).retry).toBe(false);
  expect((await at((await refusing(451)).url)).retry).toBe(true);
  expect((await at("smtp://127.0.0.1:9")).retry).toBe(true);
});

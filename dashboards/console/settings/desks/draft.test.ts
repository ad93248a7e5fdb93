import { expect, test } from "vitest";
import {
  channelOf,
  minutesOf,
  type NotifyDraft,
  readNotify,
  typedOf,
  withoutChannel,
  withoutDesk,
} from "./draft.ts";

const DRAFT: NotifyDraft = {
  channels: {
    mail: {
      kind: "mail",
      url: "smtp://mail.example",
      from: "a@b",
      to: ["c@d"],
      perMinute: 5,
      passwordFile: "x",
    },
  },
  desks: { gate: { title: { zh: "门卫", en: "Gate" }, scope: [], channels: ["mail"] } },
  escalation: { 1: [{ after: "0s", desks: ["gate"] }] },
};

test("a secret that was typed becomes a file, one that was not stays as it is, and so does what the page does not show", () => {
  const typed = { ...typedOf(DRAFT.channels.mail), to: "c@d，e@f\ng@h" };
  expect(typed.passwordFile).toBeUndefined();
  expect(channelOf("mail", "mail", typed, DRAFT.channels.mail)).toEqual({
    channel: { ...DRAFT.channels.mail, to: ["c@d", "e@f", "g@h"] },
    files: {},
  });
  const { channel, files } = channelOf(
    "mail",
    "mail",
    { ...typed, passwordFile: " hush " },
    DRAFT.channels.mail,
  );
  expect(channel.passwordFile).toBe("settings:mail-password");
  expect(files).toEqual({ "settings:mail-password": "hush" });
});

test("another kind begins anew", () => {
  const { channel } = channelOf("mail", "webhook", { url: "https://x.example" }, DRAFT.channels.mail);
  expect(channel).toEqual({ kind: "webhook", url: "https://x.example" });
});

test("what is taken away is named nowhere any more", () => {
  expect(withoutChannel(DRAFT, "mail")).toMatchObject({ channels: {}, desks: { gate: { channels: [] } } });
  expect(withoutDesk(DRAFT, "gate")).toMatchObject({ desks: {}, escalation: { 1: [] } });
});

test("a section that is not there is an empty one; durations are shown in minutes", () => {
  expect(readNotify(null)).toEqual({ channels: {}, desks: {}, escalation: {} });
  expect(["2m", "90s", "1h", undefined].map(minutesOf)).toEqual([2, 1.5, 60, 0]);
});

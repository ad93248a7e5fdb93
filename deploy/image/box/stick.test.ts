/** What becomes of what lies on a stick; mounting one is a box's (`npm run image -- trial`). */
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Answer, messageOf, type Update } from "./core/contract.ts";
import { Places } from "./places.ts";
import type { Rauc } from "./rauc.ts";
import { serveRequests } from "./server.ts";
import { takeOver } from "./stick.ts";

const RUNNING = { slot: "A", version: "0.1.0" } as const;
const VERSIONS: Readonly<Record<string, string>> = { "new.raucb": "0.10.0", "old.raucb": "0.9.0" };

let folder: string;
let places: Places;
let server: Server | undefined;
let asked: string[];
let looks: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stick-"));
  places = new Places(folder);
  for (const each of [places.stick, places.seed, dirname(places.socket)])
    mkdirSync(each, { recursive: true });
  asked = [];
  looks = 0;
});
afterEach(() => {
  server?.close();
  server = undefined;
  rmSync(folder, { recursive: true });
});

const rauc: Rauc = {
  info: (file) => {
    const version = VERSIONS[file.slice(file.lastIndexOf("/") + 1)];
    if (version === undefined) return { isDone: false, text: "no bundle" };
    return { isDone: true, text: JSON.stringify({ compatible: "campus-ops-edge-amd64", version }) };
  },
  install: async () => ({ isDone: false, text: "" }),
  mark: () => ({ isDone: false, text: "" }),
};

async function service(answer: Answer, update: Update): Promise<void> {
  server = serveRequests((line) => {
    asked.push(line);
    return answer;
  });
  writeFileSync(places.told, JSON.stringify(update));
  server.listen(places.socket);
  await once(server, "listening");
}

const plugIn = (): Promise<void> =>
  takeOver({
    places,
    rauc,
    lookAgain: () => {
      looks += 1;
    },
    say: () => undefined,
  });

test("the newest of several bundles is offered, and what became of it is written beside it", async () => {
  for (const name of ["old.raucb", "new.raucb", "photo.jpg"]) writeFileSync(join(places.stick, name), "");
  await service({ accepted: true }, { state: "waiting", running: RUNNING, target: "0.10.0", at: "" });
  await plugIn();
  expect(asked).toEqual([JSON.stringify({ install: join(places.stick, "new.raucb") })]);
  expect(readFileSync(join(places.stick, "升级-UPDATE.txt"), "utf8")).toBe(
    "\ufeffnew.raucb\r\nwaiting 0.10.0\r\n",
  );
  expect(looks).toBe(0);
});

test("a file that is no bundle is offered all the same, so that somebody is told why not", async () => {
  writeFileSync(join(places.stick, "torn.raucb"), "");
  const message = messageOf("not-a-bundle");
  await service(
    { accepted: true },
    { state: "refused", code: "not-a-bundle", message, running: RUNNING, at: "" },
  );
  await plugIn();
  const text = readFileSync(join(places.stick, "升级-UPDATE.txt"), "utf8");
  expect(text).toContain(message.zh);
  expect(text).toContain(message.en);
});

test("a stick that stays in keeps what was written on it while its system is on trial", async () => {
  writeFileSync(join(places.stick, "new.raucb"), "");
  const status = join(places.stick, "升级-UPDATE.txt");
  writeFileSync(status, "restarting");
  const busy = { accepted: false, code: "busy", message: messageOf("busy") } as const;
  await service(busy, { state: "proving", running: RUNNING, at: "" });
  await plugIn();
  expect(asked).toHaveLength(1);
  expect(readFileSync(status, "utf8")).toBe("restarting");
});

test("a seed takes the place of the one that the box has, under whatever name, and the agent looks again", async () => {
  writeFileSync(join(places.seed, "edge.conf"), "old");
  writeFileSync(join(places.seed, "状态-STATUS.txt"), "kept");
  writeFileSync(join(places.stick, "EDGE.CONF.TXT"), "new");
  await plugIn();
  expect(readdirSync(places.seed).toSorted()).toEqual(["edge.conf.txt", "状态-STATUS.txt"].toSorted());
  expect(readFileSync(join(places.seed, "edge.conf.txt"), "utf8")).toBe("new");
  expect(looks).toBe(1);
  expect(existsSync(join(places.stick, "升级-UPDATE.txt"))).toBe(false);
});

test("a stick with something else on it is left alone", async () => {
  writeFileSync(join(places.stick, "photo.jpg"), "");
  await plugIn();
  expect([looks, asked, readdirSync(places.stick)]).toEqual([0, [], ["photo.jpg"]]);
});

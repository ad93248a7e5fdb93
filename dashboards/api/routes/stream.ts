import { type AssetPath, isWithin } from "@campus-ops/device-profiles/vocabulary";
import type { FastifyInstance } from "fastify";
import { type Permission, placesOf } from "../../accounts/core/permissions.ts";
import type { PlatformStatus } from "../api.ts";
import { fileOf } from "../contents.ts";
import { formatEvent } from "../event-stream.ts";
import type { Caller } from "../identity.ts";
import type { FeedEvent } from "../live-feed.ts";
import type { ApiParts } from "../parts.ts";
import { identify } from "../permission.ts";
import { ApiProblem } from "../problem.ts";
import { object } from "../schemas.ts";

/** A page that has this much unread waits in the ring, where what it misses costs nothing, until it has read some of it. */
const UNREAD_BYTES_MAX = 256 * 1024;
const CLIENTS_MAX = 1_000;
const AGAIN_S = 10;
const goesOn = object(
  {
    after: {
      type: "string",
      maxLength: 64,
      description:
        "where to go on: the header `stream-position` of any answer read before. What changed since then is told first. " +
        "`Last-Event-ID` of a stream that was cut off says the same, and comes before it",
    },
  },
  ["after"],
);

export function streamRoute(
  server: FastifyInstance,
  parts: ApiParts & { readonly status: () => PlatformStatus },
): void {
  const { feed, boot, log } = parts;
  let clients = 0;

  // Before anything is looked up: whoever hears the stream from there on misses no change of what is answered.
  server.addHook("onRequest", async (_request, reply) => {
    reply.header("stream-position", `${boot}.${feed.seq}`);
  });

  server.get<{ Querystring: { after?: string } }>(
    "/stream",
    {
      config: { permission: "overview.read" },
      schema: { tags: ["live"], querystring: goesOn, response: fileOf("text/event-stream") },
    },
    (request, reply) => {
      if (clients >= CLIENTS_MAX) {
        throw new ApiProblem(
          "too-many",
          {
            zh: "打开的页面太多，请关闭不用的页面后再试",
            en: "too many pages are open; close those that nobody looks at",
          },
          AGAIN_S,
        );
      }
      clients += 1;
      let hears = hearing(request.identity);
      reply.hijack();
      const { raw } = reply;
      raw.writeHead(200, {
        "content-type": "text/event-stream",
        "cache-control": "no-store",
        // Proxies that buffer would hold an alarm back.
        "x-accel-buffering": "no",
      });

      let sent = feed.seq;
      const write = ({ seq, event, data, path }: FeedEvent): void => {
        sent = seq;
        if (hears(event, path)) raw.write(formatEvent({ id: `${boot}.${seq}`, event, data }));
      };
      /** As much as the page takes. The ring's end overtakes nobody but who has not read for minutes of a busy city. */
      const pump = (): void => {
        if (raw.destroyed || raw.writableLength > UNREAD_BYTES_MAX) return;
        const events = feed.since(sent);
        if (events === undefined) {
          log.warn("a page has not read for so long that it is cut off; it will load afresh when it is back");
          raw.destroy();
          return;
        }
        for (const event of events) {
          if (raw.writableLength > UNREAD_BYTES_MAX) return;
          write(event);
        }
      };

      const stillThere = (): boolean => {
        try {
          hears = hearing(identify(parts.authenticate(request, true), "overview.read"));
          return true;
        } catch {
          raw.destroy();
          return false;
        }
      };

      // What was missed and what is new come out of one ring, in its order: nothing can come between the two.
      const said = request.headers["last-event-id"] ?? request.query.after;
      const last = resumePoint(said, boot);
      const missed = last === undefined ? [] : feed.since(last);
      raw.write(
        formatEvent({ id: `${boot}.${feed.seq}`, event: "status", data: JSON.stringify(parts.status()) }),
      );
      if (missed === undefined || (last === undefined && said !== undefined)) {
        raw.write(formatEvent({ id: `${boot}.${feed.seq}`, event: "reset", data: "{}" }));
      } else {
        sent = last ?? feed.seq;
      }
      // Without an id: where to resume from is not there.
      for (const { data, event, path } of feed.standing())
        if (hears(event, path)) raw.write(formatEvent({ event, data }));
      const unlisten = feed.listen(({ event }) => {
        // Regularly: a session may be over, and a grant taken away, while the page stays open.
        if (event !== "status" || stillThere()) pump();
      });
      raw.on("drain", pump);
      pump();
      raw.once("close", () => {
        clients -= 1;
        unlisten();
      });
    },
  );
}

/** What an event is about decides who hears it; whatever is not listed here is about alarms. */
const NEEDED: Readonly<Record<string, Permission>> = {
  device: "devices.read",
  node: "devices.read",
  status: "overview.read",
};

/** Whether somebody hears of an event; one without a place concerns everybody who hears its kind anywhere. */
function hearing({ grants }: Caller): (event: string, path: AssetPath | undefined) => boolean {
  const places = new Map<Permission, readonly string[]>();
  return (event, path) => {
    const needed = NEEDED[event] ?? "alarms.read";
    const own = places.get(needed) ?? placesOf(grants, needed);
    places.set(needed, own);
    return path === undefined ? own.length > 0 : own.some((place) => isWithin(path, place));
  };
}

/** `<boot>.<seq>`; an id that another run of the API gave is no place to resume from. */
function resumePoint(header: string | string[] | undefined, boot: string): number | undefined {
  const [given, seq] = String(header ?? "").split(".");
  const number = Number(seq);
  return given === boot && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

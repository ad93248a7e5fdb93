/**
 * The event streams of all campuses as one. Its cursor says for each campus how far it was read, so that a reader that comes
 * again misses nothing of any; a campus that changes hands is read on from there at its next holder.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { SocketClient } from "@campus-ops/service/socket-client";
import { Response } from "undici";

const RETRY_MS = 500;
const ID = /^id: ?(.*)$/m;

export function mergedStream(
  campuses: readonly string[],
  of: (campus: string) => SocketClient,
  after: string | undefined,
  asked: AbortSignal | undefined,
): Response {
  const ending = new AbortController();
  const signal = asked === undefined ? ending.signal : AbortSignal.any([asked, ending.signal]);
  const cursors = new Map(cursorsIn(after));
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      const encoder = new TextEncoder();
      const send = (campus: string, frame: string): void => {
        const id = ID.exec(frame)?.[1];
        const rest = frame.replace(ID, "").trim();
        if (id !== undefined) cursors.set(campus, id);
        const lines = [
          ...(rest === "" ? [] : [rest]),
          ...(id === undefined ? [] : [`id: ${textOf(cursors)}`]),
        ];
        if (lines.length > 0 && !signal.aborted)
          controller.enqueue(encoder.encode(`${lines.join("\n")}\n\n`));
      };
      void Promise.all(campuses.map((campus) => follow(campus, send))).then(() => {
        if (!ending.signal.aborted) controller.close();
      });
    },
    cancel: () => ending.abort(),
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });

  async function follow(campus: string, send: (campus: string, frame: string) => void): Promise<void> {
    while (!signal.aborted) {
      try {
        const cursor = cursors.get(campus);
        const query = cursor === undefined ? "" : `?after=${encodeURIComponent(cursor)}`;
        const answer = await of(campus).fetch(`/stream${query}`, { signal });
        const decoder = new TextDecoder();
        let text = "";
        for await (const chunk of answer.ok ? (answer.body ?? []) : []) {
          text += decoder.decode(chunk as Uint8Array, { stream: true });
          for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
            send(campus, text.slice(0, end));
            text = text.slice(end + 2);
          }
        }
      } catch {
        // Whoever held it is gone; the next one is looked up.
      }
      await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

const textOf = (cursors: ReadonlyMap<string, string>): string =>
  [...cursors].map(([campus, cursor]) => `${campus}:${cursor}`).join(",");

function cursorsIn(text: string | undefined): readonly (readonly [string, string])[] {
  return (text ?? "").split(",").flatMap((part): (readonly [string, string])[] => {
    const [campus, cursor] = part.split(":");
    return campus === undefined || cursor === undefined ? [] : [[campus, cursor]];
  });
}

/** Edge boxes and their certificates: who is in, tokens for those to come, and what a person decides about those there are. */
import type { LocalText } from "@campus-ops/device-profiles/vocabulary";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { BoxList, BoxView, IssuedBoxes, NewBox, SignedFile } from "../../enrolment/api.ts";
import { DONE } from "../contents.ts";
import { sees } from "../identity.ts";
import type { ApiParts } from "../parts.ts";
import { ApiProblem } from "../problem.ts";
import { array, boolean, number, object, string, timestamp } from "../schemas.ts";
import { getJson, postJson } from "../upstream.ts";
import { pathOfCampus } from "./devices.ts";

/** The same as enrolment takes at a time. */
const BOXES_ASKED_MAX = 200;
const REQUEST_CHARACTERS_MAX = 4_096;

const box = object(
  {
    campus: string,
    node: string,
    state: { enum: ["invited", "good", "ending", "ended", "waiting", "quarantined", "revoked"] },
    notAfter: timestamp,
    way: { enum: ["token", "renewal", "offline"] },
    invitedUntil: timestamp,
  },
  ["notAfter", "way", "invitedUntil"],
);
const boxList = object({ boxes: array(box), hub: string, fingerprint: string });
const words = { type: "string", minLength: 1, maxLength: 80 } as const;
const title = object({ zh: words, en: words });
const newBoxes = object({
  boxes: {
    type: "array",
    minItems: 1,
    maxItems: BOXES_ASKED_MAX,
    items: object({ campus: words, node: words, title, replaces: boolean }, ["title", "replaces"]),
  },
});
const issuedBoxes = object({
  issued: array(object({ campus: string, node: string, seed: string, expires: timestamp })),
  refused: array(object({ index: number, detail: string })),
});
const params = object({ campus: words, node: words });
const decision = object({ why: { type: "string", maxLength: 400 } }, ["why"]);
const signature = object(
  { request: { type: "string", minLength: 1, maxLength: REQUEST_CHARACTERS_MAX }, title, replaces: boolean },
  ["title", "replaces"],
);
const signedFile = object({ name: string, text: string });

interface OfBox {
  readonly campus: string;
  readonly node: string;
}

/** What is recorded there as done from here is told apart from what the command did. */
const inConsole = (user: string): string => `console:${user}`.slice(0, 128);

export function enrolmentRoutes(server: FastifyInstance, { audit, site, upstreams }: ApiParts): void {
  const { enrolment } = upstreams;
  const config = { permission: "settings.write" } as const;
  const tags = ["settings"];

  server.get(
    "/boxes",
    {
      config: { ...config, paged: { list: "boxes", by: ["campus", "node"], filters: { campus: string } } },
      schema: { tags, response: { 200: boxList } },
    },
    async ({ identity }): Promise<BoxList> => {
      const list = await getJson<BoxList>(enrolment, "/boxes");
      return {
        ...list,
        boxes: list.boxes.filter(({ campus }) => sees(identity, pathOfCampus(site, campus))),
      };
    },
  );

  server.post<{ Body: { readonly boxes: readonly NewBox[] } }>(
    "/boxes/tokens",
    { config, schema: { tags, body: newBoxes, response: { 200: issuedBoxes } } },
    async (request): Promise<IssuedBoxes> => {
      for (const { campus } of request.body.boxes) within(request, campus);
      const { user } = request.identity;
      const { boxes } = request.body;
      const answer = await postJson<IssuedBoxes>(enrolment, "/boxes/tokens", { by: inConsole(user), boxes });
      for (const { campus, expires, node } of answer.issued) {
        const path = pathOfCampus(site, campus);
        const replaces = boxes.some((each) => each.node === node && each.replaces === true);
        audit({ user, action: "box.invite", path, box: `${campus}/${node}`, expires, replaces });
      }
      return answer;
    },
  );

  for (const name of ["approval", "revocation", "release"] as const) {
    server.post<{ Params: OfBox; Body: { readonly why?: string } }>(
      `/boxes/:campus/:node/${name}`,
      { config, schema: { tags, params, body: decision, response: DONE } },
      async (request, reply) => {
        const { campus, node } = request.params;
        const path = within(request, campus);
        const { user } = request.identity;
        const before = await stateOf(campus, node);
        await postJson(enrolment, addressOf(request.params, name), {
          by: inConsole(user),
          ...request.body,
        });
        const after = await stateOf(campus, node);
        audit({
          user,
          action: `box.${name}`,
          path,
          box: `${campus}/${node}`,
          before,
          after,
          ...request.body,
        });
        return reply.code(204).send();
      },
    );
  }

  server.post<{
    Params: OfBox;
    Body: { readonly request: string; readonly title?: LocalText; readonly replaces?: boolean };
  }>(
    "/boxes/:campus/:node/signature",
    { config, schema: { tags, params, body: signature, response: { 200: signedFile } } },
    async (request): Promise<SignedFile> => {
      const { campus, node } = request.params;
      const path = within(request, campus);
      const { user } = request.identity;
      const signed = await postJson<SignedFile>(enrolment, addressOf(request.params, "signature"), {
        by: inConsole(user),
        ...request.body,
      });
      const replaces = request.body.replaces === true;
      audit({ user, action: "box.sign", path, box: `${campus}/${node}`, replaces });
      return signed;
    },
  );

  /** A campus that is not the caller's does not exist. */
  function within({ identity }: FastifyRequest, campus: string): string {
    const path = pathOfCampus(site, campus);
    if (!sees(identity, path)) throw new ApiProblem("not-found");
    return path;
  }

  async function stateOf(campus: string, node: string): Promise<BoxView["state"] | undefined> {
    const { boxes } = await getJson<BoxList>(enrolment, "/boxes");
    return boxes.find((each) => each.campus === campus && each.node === node)?.state;
  }
}

const addressOf = ({ campus, node }: OfBox, name: string): string =>
  `/boxes/${encodeURIComponent(campus)}/${encodeURIComponent(node)}/${name}`;

/** Work orders: from a fault or a hazard to somebody else's word that it is mended. */
import { isWithin, type LocalText } from "@campus-ops/device-profiles/vocabulary";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type {
  NewWorkOrder,
  WorkOrderDecision,
  WorkOrderDetail,
  WorkOrderList,
  WorkOrderProgress,
} from "../../work-orders/api.ts";
import {
  type StepProblem,
  WORK_ORDER_ACTIONS,
  WORK_ORDER_STATES,
} from "../../work-orders/core/life-cycle.ts";
import { PHOTO_BYTES_MAX, PHOTOS_PER_ORDER_MAX, photoType } from "../../work-orders/photo.ts";
import type { WorkOrderStore } from "../../work-orders/work-order-store.ts";
import type { AlarmDetail, DeviceView } from "../api.ts";
import { fileOf, PICTURE_TYPES } from "../contents.ts";
import { sees } from "../identity.ts";
import type { ApiParts } from "../parts.ts";
import { ApiProblem } from "../problem.ts";
import { array, boolean, number, object, string, text, timestamp } from "../schemas.ts";
import { getJson } from "../upstream.ts";

const words = (maxLength: number) => ({ type: "string", maxLength }) as const;
const name = { type: "string", maxLength: 100 } as const;
const level = { enum: ["general", "major"] } as const;
const state = { enum: WORK_ORDER_STATES } as const;
const orderProperties = {
  number,
  title: string,
  detail: string,
  level,
  path: string,
  device: object({ key: string, title: text }),
  alarm: object({ id: string, occurrence: number }),
  state,
  assignee: string,
  due: timestamp,
  overdue: boolean,
  openedBy: string,
  openedAt: timestamp,
  updatedAt: timestamp,
  photos: number,
} as const;
const orderOptional = ["device", "alarm", "assignee", "due"] as const;
const entry = object(
  {
    at: timestamp,
    action: { enum: WORK_ORDER_ACTIONS },
    from: state,
    to: state,
    by: string,
    note: string,
    assignee: string,
    due: timestamp,
    verifier: string,
  },
  ["assignee", "due", "verifier"],
);
const picture = object({ id: number, at: timestamp, by: string, contentType: string, bytes: number, state });
const orderDetail = object(
  { ...orderProperties, history: array(entry), pictures: array(picture) },
  orderOptional,
);
const orderList = object(
  {
    orders: array(object(orderProperties, orderOptional)),
    before: number,
    counts: object({ open: number, overdue: number, toVerify: number }),
  },
  ["before"],
);
const listQuery = object(
  {
    scope: { type: "string", default: "", maxLength: 400 },
    state: { enum: ["open", "all"], default: "open" },
    device: words(200),
    alarm: words(128),
    before: { type: "integer", minimum: 1 },
    limit: { type: "integer", minimum: 1, maximum: 500, default: 200 },
  },
  ["scope", "state", "device", "alarm", "before", "limit"],
);
const newOrder = object(
  {
    alarm: words(128),
    device: words(200),
    path: words(400),
    title: { type: "string", minLength: 1, maxLength: 200 },
    detail: words(2_000),
    level,
    assignee: name,
    due: timestamp,
  },
  ["alarm", "device", "path", "detail", "level", "assignee", "due"],
);
const progressBody = object({
  action: { enum: ["done", "note"] },
  note: { type: "string", minLength: 1, maxLength: 2_000 },
});
const decisionBody = object(
  {
    action: { enum: ["assign", "verify", "reject", "cancel", "reopen"] },
    note: words(2_000),
    assignee: name,
    due: timestamp,
    verifier: name,
  },
  ["note", "assignee", "due", "verifier"],
);
const params = object({ number: { type: "integer", minimum: 1 } });
const photoParams = object({
  number: { type: "integer", minimum: 1 },
  photo: { type: "integer", minimum: 1 },
});

/** Why a step was not taken, to the person who tried. */
const PROBLEMS: Readonly<Record<StepProblem | "photos-full", LocalText>> = {
  "no-such-transition": {
    zh: "工单当前的状态不能这样操作，可能有人刚处理过，请刷新后再看",
    en: "not possible in the state the order is in; somebody may have just dealt with it: look again",
  },
  "assignee-missing": { zh: "派单需要写明由谁整改", en: "say who is to mend it" },
  "note-missing": { zh: "请写明情况", en: "say it in a few words" },
  "verifier-missing": { zh: "请写明复查人", en: "say who looked at it" },
  "verifier-mended-it": {
    zh: "复查人不能是整改人本人，请换一个人复查",
    en: "who mended it does not verify it; somebody else has to look",
  },
  "due-is-past": { zh: "整改期限必须晚于现在", en: "the time it is due must be still to come" },
  "photos-full": {
    zh: `每张工单最多 ${PHOTOS_PER_ORDER_MAX} 张照片`,
    en: `an order has ${PHOTOS_PER_ORDER_MAX} pictures at most`,
  },
};

interface Params {
  readonly number: number;
}

export function workOrderRoutes(
  server: FastifyInstance,
  { upstreams, site, audit, workOrders, now }: ApiParts,
): void {
  const tags = ["work-orders"];
  const read = { permission: "work-orders.read" } as const;
  const report = { permission: "work-orders.report" } as const;
  const manage = { permission: "work-orders.manage" } as const;

  server.get<{
    Querystring: {
      scope: string;
      state: "open" | "all";
      device?: string;
      alarm?: string;
      before?: number;
      limit: number;
    };
  }>(
    "/work-orders",
    { config: read, schema: { tags, querystring: listQuery, response: { 200: orderList } } },
    async (request): Promise<WorkOrderList> => {
      const { scope, state: asked, device, alarm, before, limit } = request.query;
      const seen = (path: string): boolean => sees(request.identity, path);
      const within = (path: string): boolean => seen(path) && isWithin(path, scope);
      const list = store().list({ open: asked === "open", device, alarm, before, limit, sees: within });
      return { ...list, counts: store().counts(within) };
    },
  );

  server.post<{ Body: NewWorkOrder }>(
    "/work-orders",
    { config: report, schema: { tags, body: newOrder, response: { 201: orderDetail } } },
    async (request, reply): Promise<WorkOrderDetail> => {
      const { title, detail = "", level: how = "general", assignee, due } = request.body;
      const { user } = request.identity;
      if (title.trim() === "") throw new ApiProblem("bad-request", PROBLEMS["note-missing"]);
      if (due !== undefined && due <= now()) throw new ApiProblem("bad-request", PROBLEMS["due-is-past"]);
      const about = await subject(request, request.body);
      const order = store().register({
        ...about,
        title: title.trim(),
        detail: detail.trim(),
        level: how,
        ...(due !== undefined && { due }),
        by: user,
      });
      if (order === undefined) {
        throw new ApiProblem("conflict", {
          zh: "工单数量已达上限，没有登记；请联系管理员归档旧工单",
          en: "there are as many work orders as are kept; this one was not registered: ask the administrator",
        });
      }
      const { number: made, path } = order;
      audit({ user, action: "work-order.register", path, order: made, title: order.title });
      reply.code(201);
      if (assignee === undefined || assignee.trim() === "") return order;
      return step(request, made, { action: "assign", note: "", assignee });
    },
  );

  server.get<{ Params: Params }>(
    "/work-orders/:number",
    { config: read, schema: { tags, params, response: { 200: orderDetail } } },
    async (request): Promise<WorkOrderDetail> => find(request),
  );

  server.post<{ Params: Params; Body: WorkOrderProgress }>(
    "/work-orders/:number/progress",
    { config: report, schema: { tags, params, body: progressBody, response: { 200: orderDetail } } },
    async (request): Promise<WorkOrderDetail> => step(request, find(request).number, request.body),
  );

  server.post<{ Params: Params; Body: WorkOrderDecision }>(
    "/work-orders/:number/decisions",
    { config: manage, schema: { tags, params, body: decisionBody, response: { 200: orderDetail } } },
    async (request): Promise<WorkOrderDetail> =>
      step(request, find(request).number, { note: "", ...request.body }),
  );

  server.register(async (pictures) => {
    pictures.addContentTypeParser(
      ["image/jpeg", "image/png", "image/webp"],
      { parseAs: "buffer", bodyLimit: PHOTO_BYTES_MAX },
      (_request, body, done) => done(null, body),
    );
    pictures.post<{ Params: Params; Body: Buffer }>(
      "/work-orders/:number/photos",
      {
        config: report,
        bodyLimit: PHOTO_BYTES_MAX,
        schema: { tags, params, response: { 201: orderDetail } },
      },
      async (request, reply): Promise<WorkOrderDetail> => {
        const { number: order, path } = find(request);
        const { user } = request.identity;
        const type = Buffer.isBuffer(request.body) ? photoType(request.body) : undefined;
        if (type === undefined) {
          throw new ApiProblem("bad-request", {
            zh: "不是完整的 JPEG、PNG 或 WebP 图片，没有保存",
            en: "not a whole JPEG, PNG or WebP picture; it was not kept",
          });
        }
        const kept = store().addPhoto(order, request.body, type, user);
        audit({ user, action: "work-order.photo", path, order, bytes: request.body.length });
        reply.code(201);
        return taken(kept);
      },
    );
  });

  server.get<{ Params: Params & { readonly photo: number } }>(
    "/work-orders/:number/photos/:photo",
    { config: read, schema: { tags, params: photoParams, response: fileOf(...PICTURE_TYPES) } },
    async (request, reply) => {
      const order = find(request);
      const photo = store().photo(order.number, request.params.photo);
      if (photo === undefined) throw new ApiProblem("not-found");
      return (
        reply
          .type(photo.type)
          // A picture never changes; a stranger's page cannot run it.
          .header("cache-control", "private, max-age=86400, immutable")
          .header("content-security-policy", "default-src 'none'; sandbox")
          .send(photo.content)
      );
    },
  );

  function store(): WorkOrderStore {
    if (workOrders === undefined) throw new ApiProblem("part-away");
    return workOrders;
  }

  /** Outside of the caller's scope an order does not exist. */
  function find(request: FastifyRequest): WorkOrderDetail {
    const order = store().get((request.params as Params).number);
    if (order === undefined || !sees(request.identity, order.path)) throw new ApiProblem("not-found");
    return order;
  }

  function step(
    request: FastifyRequest,
    order: number,
    body: WorkOrderProgress | (WorkOrderDecision & { readonly note: string }),
  ): WorkOrderDetail {
    const { user } = request.identity;
    const stepped = taken(store().step(order, body, user));
    const { assignee, due, path } = stepped;
    audit({ user, action: `work-order.${body.action}`, path, order, note: body.note, assignee, due });
    return stepped;
  }

  function taken(answer: ReturnType<WorkOrderStore["addPhoto"]>): WorkOrderDetail {
    if (answer === undefined) throw new ApiProblem("not-found");
    if ("problem" in answer) throw new ApiProblem("conflict", PROBLEMS[answer.problem]);
    return answer;
  }

  /** What an order is about, and where that is; it has to lie where the caller may report. */
  async function subject(request: FastifyRequest, { alarm, device, path }: NewWorkOrder) {
    if (alarm !== undefined) {
      const found = await getJson<AlarmDetail>(upstreams.rules, `/alarms/${encodeURIComponent(alarm)}`);
      within(request, found.device.path);
      const { key, title } = found.device;
      const { id, occurrence } = found;
      return { path: found.device.path, device: { key, title }, alarm: { id, occurrence } };
    }
    if (device !== undefined) {
      const asked = device.split("/").map(encodeURIComponent).join("/");
      const { key, title, path: at } = await getJson<DeviceView>(upstreams.ingest, `/devices/${asked}`);
      within(request, at);
      return { path: at, device: { key, title } };
    }
    const [city, county, campus] = (path ?? "").split("/");
    const known = site.counties.find(({ code }) => code === county);
    if (path === undefined || city !== site.city.code || !known?.campuses.some(({ id }) => id === campus)) {
      throw new ApiProblem("bad-request", {
        zh: "请选择报警、设备或校园内的地点",
        en: "choose an alarm, a device or a place on a campus",
      });
    }
    within(request, path);
    return { path };
  }

  function within(request: FastifyRequest, path: string): void {
    if (!sees(request.identity, path)) throw new ApiProblem("not-found");
  }
}

/** Between who asks for a picture and the edge box that takes it: sends requests, shelves what comes. */
import { type NodeMessage, type Publication, pictureCommand } from "@campus-ops/broker/sparkplug";
import {
  addressKey,
  CampusId,
  NodeId,
  parseAddressKey,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import { type Log, Problem } from "@campus-ops/service";
import type { PictureView } from "../api.ts";
import { PictureContent } from "../core/picture-content.ts";
import type { DeviceAsset } from "../core/registry.ts";
import type { NewRequest, PictureShelf, Shelved } from "./shelf.ts";

export interface PictureDeskParts {
  readonly shelf: PictureShelf;
  readonly devices: ReadonlyMap<string, Pick<DeviceAsset, "health" | "since">>;
  /** False when the broker is away. */
  readonly send: (publication: Publication) => boolean;
  readonly now: () => Timestamp;
  readonly audit: Log;
  readonly count: (what: Shelved) => void;
}

export class PictureDesk {
  readonly #parts: PictureDeskParts;
  readonly #content = new PictureContent();

  constructor(parts: PictureDeskParts) {
    this.#parts = parts;
  }

  /** Asks the camera's edge box, once more if it is asked for again. The answer may be no already. */
  ask(request: NewRequest): PictureView {
    const { audit, devices, now, send, shelf } = this.#parts;
    const device = devices.get(request.device);
    if (device === undefined)
      throw new Problem(
        404,
        "Unknown device",
        `no device ${request.device} has ever been born here`,
        `这里从来没有过设备 ${request.device}`,
      );
    const at = now();
    const isNew = shelf.request(request.id) === undefined;
    shelf.ask(request, at);
    const asked = this.#view(request.id);
    if (asked.state === "taken" || shelf.isComing(request.id)) return asked;
    if (isNew) audit.info({ audit: "picture", ...request }, "a picture was asked for");
    if (device.health === "stale" || device.health === "unreachable") {
      const detail = device.health === "stale" ? "its edge box is away" : "the camera does not answer";
      shelf.refuse(request.id, { reason: "unreachable", detail, since: device.since }, at);
    } else {
      const { campus, node, device: id } = parseAddressKey(request.device);
      if (id === undefined)
        throw new Problem(
          400,
          "No camera",
          `${request.device} is an edge box and takes no pictures`,
          `${request.device} 是边缘盒，不能拍照`,
        );
      const { kind } = request;
      const command = pictureCommand(
        { campus: CampusId(campus), node: NodeId(node) },
        { id: request.id, device: id, kind, at: request.at },
        at,
      );
      if (!send(command))
        shelf.refuse(request.id, { reason: "unreachable", detail: "the broker is away" }, at);
    }
    return this.#view(request.id);
  }

  /** Every message, in order. Answers with what the journal is to keep of it. Throws when a part could not be shelved. */
  take(message: NodeMessage): NodeMessage {
    const found = this.#content.find(message);
    if (found === undefined) return message;
    const { count, now, shelf } = this.#parts;
    const { campus, node } = message.address;
    const from = addressKey({ campus, node });
    for (const part of found.parts) count(shelf.takePart(part, from, now()));
    for (const refusal of found.refusals) count(shelf.takeRefusal(refusal, from));
    return found.message;
  }

  #view(id: string): PictureView {
    const view = this.#parts.shelf.request(id);
    if (view === undefined)
      throw new Problem(404, "No such picture", `no picture ${id} was ever asked for`, `没有要过图片 ${id}`);
    return view;
  }
}

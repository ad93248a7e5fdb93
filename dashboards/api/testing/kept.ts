/** What the API keeps in files of its own, in a test's folder. */
import { join } from "node:path";
import { DeviceNoteStore } from "../../device-notes/device-note-store.ts";
import { PlanStore } from "../../plans/plan-store.ts";
import { RegionMapStore } from "../../region-map/region-map-store.ts";
import { RoomStore } from "../../rooms/room-store.ts";
import { WebhookStore } from "../../webhooks/webhook-store.ts";
import { WorkOrderStore } from "../../work-orders/work-order-store.ts";

export function openKept(folder: string, now: () => number) {
  const stores = {
    workOrders: new WorkOrderStore(join(folder, "work-orders.sqlite"), now),
    plans: new PlanStore(join(folder, "plans.sqlite"), now),
    rooms: new RoomStore(join(folder, "rooms.sqlite"), now()),
    regionMap: new RegionMapStore(join(folder, "region-map.sqlite")),
    webhooks: new WebhookStore(join(folder, "webhooks.sqlite")),
    deviceNotes: new DeviceNoteStore(join(folder, "device-notes.sqlite"), now),
  };
  return {
    stores,
    close: () => {
      for (const store of Object.values(stores)) store.close();
    },
  };
}

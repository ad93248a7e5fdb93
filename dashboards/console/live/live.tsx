import { useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useSyncExternalStore } from "react";
import type { RollupView, Site } from "../../api/api.ts";
import { useNow } from "./clock.ts";
import { type Connection, judgeConnection } from "./connection.ts";
import { type Alarms, DEVICES_KEY, type Floods, type Inventory, type LiveDesk } from "./desk.ts";
import { getJson } from "./http.ts";

const DeskContext = createContext<LiveDesk | undefined>(undefined);

export function LiveProvider({ desk, children }: { readonly desk: LiveDesk; readonly children: ReactNode }) {
  useEffect(() => desk.start(), [desk]);
  return <DeskContext value={desk}>{children}</DeskContext>;
}

export function useDesk(): LiveDesk {
  const desk = useContext(DeskContext);
  if (desk === undefined) throw new Error("useDesk needs a LiveProvider above it");
  return desk;
}

export function useConnection(): Connection {
  const desk = useDesk();
  const heard = useSyncExternalStore(desk.subscribe, desk.heard);
  return judgeConnection(heard, useNow());
}

/** What the platform says of floods at the desks of this person; empty until it was heard. */
export function useFloods(): Floods {
  const desk = useDesk();
  return useSyncExternalStore(desk.subscribe, desk.floods);
}

const ROLLUPS_REFRESH_MS = 15_000;
const EMPTY_ALARMS: Alarms = new Map();
const EMPTY_INVENTORY: Inventory = { devices: new Map(), nodes: new Map() };

/** All alarms that are active, and those that stopped being so while the page was open. */
export function useAlarms() {
  const desk = useDesk();
  const query = useQuery(desk.alarmsQuery);
  return { alarms: query.data ?? EMPTY_ALARMS, query };
}

export function useInventory() {
  const desk = useDesk();
  const query = useQuery({ queryKey: DEVICES_KEY, queryFn: desk.loadInventory, structuralSharing: false });
  return { inventory: query.data ?? EMPTY_INVENTORY, query };
}

/**
 * One device with its metrics, kept up to date. The list leaves metrics out: what is looked at is read, and streamed
 * from then on.
 */
export function useDevice(key: string) {
  const desk = useDesk();
  const { inventory, query: list } = useInventory();
  const query = useQuery({
    queryKey: ["device", key],
    queryFn: ({ signal }) => desk.loadDevice(key, signal),
    enabled: key !== "",
    structuralSharing: false,
  });
  const listed = inventory.devices.get(key);
  const device = listed === undefined || listed.metrics.length === 0 ? (query.data ?? listed) : listed;
  return { device, query: list.isPending ? list : query };
}

export const SITE_QUERY = {
  queryKey: ["site"],
  queryFn: ({ signal }: { readonly signal?: AbortSignal }) => getJson<Site>("/api/v1/site", signal),
} as const;

export function useSite(): Site | undefined {
  return useQuery(SITE_QUERY).data;
}

/** The roll-up tree from the city down. A range that ends now keeps growing: pass `to` only for one that is over. */
export function useRollups(from: number, to?: number) {
  return useQuery({
    queryKey: ["rollups", from, to ?? "now"],
    queryFn: ({ signal }) =>
      getJson<RollupView>(`/api/v1/rollups?from=${from}${to === undefined ? "" : `&to=${to}`}`, signal),
    refetchInterval: ROLLUPS_REFRESH_MS,
    placeholderData: (previous) => previous,
  });
}

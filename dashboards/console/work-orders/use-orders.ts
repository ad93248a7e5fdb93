import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type {
  NewWorkOrder,
  WorkOrderDecision,
  WorkOrderDetail,
  WorkOrderList,
  WorkOrderProgress,
} from "../../api/api.ts";
import { getJson, postJson, sendPicture } from "../live/http.ts";
import { routeOf } from "./steps.ts";

const BASE = "/api/v1/work-orders";
/** Others work on the same orders. */
const REFRESH_MS = 20_000;

export interface OrderFilter {
  readonly scope: string;
  readonly state: "open" | "all";
}

export function useOrders({ scope, state }: OrderFilter) {
  return useInfiniteQuery({
    queryKey: ["work-orders", "list", scope, state],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      getJson<WorkOrderList>(`${BASE}?scope=${encodeURIComponent(scope)}&state=${state}${pageParam}`, signal),
    getNextPageParam: ({ before }) => (before === undefined ? undefined : `&before=${before}`),
    refetchInterval: REFRESH_MS,
    placeholderData: (previous) => previous,
  });
}

/** The orders of one alarm, whatever their state. */
export function useOrdersOfAlarm(alarm: string) {
  return useQuery({
    queryKey: ["work-orders", "alarm", alarm],
    queryFn: ({ signal }) =>
      getJson<WorkOrderList>(`${BASE}?state=all&alarm=${encodeURIComponent(alarm)}`, signal),
  });
}

export function useOrder(number: number) {
  return useQuery({
    queryKey: ["work-orders", "one", number],
    queryFn: ({ signal }) => getJson<WorkOrderDetail>(`${BASE}/${number}`, signal),
    refetchInterval: REFRESH_MS,
  });
}

export function useCreateOrder(onDone: (order: WorkOrderDetail) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (order: NewWorkOrder) => postJson<WorkOrderDetail>(BASE, order),
    onSuccess: (order) => {
      void client.invalidateQueries({ queryKey: ["work-orders"] });
      onDone(order);
    },
  });
}

export function useStep(number: number, onDone: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (step: WorkOrderProgress | WorkOrderDecision) =>
      postJson<WorkOrderDetail>(`${BASE}/${number}/${routeOf(step.action)}`, step),
    onSuccess: (order) => {
      client.setQueryData(["work-orders", "one", number], order);
      void client.invalidateQueries({ queryKey: ["work-orders", "list"] });
      onDone();
    },
  });
}

export function usePhoto(number: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (picture: Blob) => sendPicture<WorkOrderDetail>(`${BASE}/${number}/photos`, picture),
    onSuccess: (order) => {
      client.setQueryData(["work-orders", "one", number], order);
      void client.invalidateQueries({ queryKey: ["work-orders", "list"] });
    },
  });
}

export const photoPath = (number: number, photo: number): string => `${BASE}/${number}/photos/${photo}`;

import { useQuery } from "@tanstack/react-query";
import type { PlanView } from "../../api/api.ts";
import { getJson } from "../live/http.ts";

export const PLANS_KEY = ["plans"] as const;

export function usePlans() {
  return useQuery({
    queryKey: PLANS_KEY,
    queryFn: ({ signal }) => getJson<readonly PlanView[]>("/api/v1/plans", signal),
  });
}

/** Always shown as an image: a drawing runs nothing there. */
export const pictureOf = ({ id }: PlanView): string => `/api/v1/plans/${id}/picture`;

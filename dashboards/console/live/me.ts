import { useQuery } from "@tanstack/react-query";
import type { MeView, Permission } from "../../api/api.ts";
import { getJson } from "./http.ts";

export const ME_KEY = ["me"] as const;

export function loadMe({ signal }: { readonly signal?: AbortSignal } = {}): Promise<MeView> {
  return getJson<MeView>("/api/v1/me", signal);
}

/**
 * Asked once for every page that wants to know; whoever changes something of it resets the query. That nobody is signed in
 * is known once it was said, also by whoever looks later.
 */
export const ME_QUERY = {
  queryKey: ME_KEY,
  queryFn: loadMe,
  staleTime: 60_000,
  retryOnMount: false,
} as const;

/** Who is here; undefined until the hub has said. */
export function useMe(): MeView | undefined {
  return useQuery(ME_QUERY).data;
}

/**
 * Whether to show what a permission is for: the hub decides, and is asked again with every request. Until it has said
 * anything, everything is shown.
 */
export function useMay(): (permission: Permission | undefined) => boolean {
  const me = useMe();
  return (permission) =>
    permission === undefined || me === undefined || me.permissions[permission] !== undefined;
}

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, type ReactNode, useEffect, useState } from "react";
import { LoadedPart } from "../controls/loaded-part.tsx";
import { ApiProblem, confirmBy, onSignedOut } from "../live/http.ts";
import { ME_KEY, ME_QUERY } from "../live/me.ts";

const SignIn = lazy(() => import("./sign-in.tsx"));
const FirstPassword = lazy(() => import("./first-password.tsx"));
const ConfirmDialog = lazy(() => import("./confirm-dialog.tsx"));
const FirstCode = lazy(() => import("./first-code.tsx"));

/**
 * Shows the console to who is signed in, and the sign-in page to who is not. While the hub is away the console is shown: it
 * says so louder than a sign-in page could.
 */
export function Gate({ children }: { readonly children: ReactNode }) {
  const client = useQueryClient();
  const { data: me, error, failureReason, isPending } = useQuery(ME_QUERY);
  useEffect(
    () =>
      onSignedOut(() => {
        // Who was never signed in has been told so by this very query.
        if (client.getQueryData(ME_KEY) !== undefined) void client.resetQueries({ queryKey: ME_KEY });
      }),
    [client],
  );
  if (error instanceof ApiProblem && error.status === 401) {
    return (
      <LoadedPart>
        <SignIn onSignedIn={() => void client.resetQueries()} />
      </LoadedPart>
    );
  }
  if (isPending && failureReason === null) return null;
  if (me?.account?.mustChange === true) {
    return (
      <LoadedPart>
        <FirstPassword />
      </LoadedPart>
    );
  }
  if (me?.account?.mustEnrol === true) {
    return (
      <LoadedPart>
        <FirstCode account={me.account} />
      </LoadedPart>
    );
  }
  return (
    <>
      {children}
      <Confirming />
    </>
  );
}

/** Where whoever is at the page is asked whether it is they; what several requests wait for is asked once. */
function Confirming() {
  const [asked, setAsked] = useState<PromiseWithResolvers<boolean>>();
  useEffect(() => {
    let waiting: PromiseWithResolvers<boolean> | undefined;
    return confirmBy(async () => {
      if (waiting === undefined) {
        waiting = Promise.withResolvers<boolean>();
        setAsked(waiting);
      }
      const confirmed = await waiting.promise;
      waiting = undefined;
      setAsked(undefined);
      return confirmed;
    });
  }, []);
  return (
    asked !== undefined && (
      <LoadedPart>
        <ConfirmDialog onEnd={asked.resolve} />
      </LoadedPart>
    )
  );
}

import type { Site } from "@campus-ops/device-profiles/vocabulary";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { BoxList, BoxView } from "../../../api/api.ts";
import { Dialog } from "../../controls/dialog.tsx";
import { DialogFooter } from "../../controls/dialog-footer.tsx";
import { Failure } from "../../controls/failure.tsx";
import { TableFrame } from "../../controls/table-frame.tsx";
import { campusTitle } from "../../format/place.ts";
import { dayAndMinuteText, fullDateText } from "../../format/time.ts";
import { useNow } from "../../live/clock.ts";
import { ApiProblem, getJson, sendJson } from "../../live/http.ts";
import { useSite } from "../../live/live.tsx";
import { useSpeech, useWords } from "../../text/language.tsx";
import { useAttempt } from "../attempt.ts";
import { NewBoxesForm } from "./new-boxes.tsx";
import { OfflineBox } from "./offline-box.tsx";
import { BOX_WORDS } from "./words.ts";
import "../settings.css";

const DAY_MS = 86_400_000;
type Decision = "approval" | "release" | "revocation";

/** Who is in, until when; what waits for a person; and how the next box comes in. */
export default function BoxesPage() {
  const { t } = useSpeech();
  const words = useWords(BOX_WORDS);
  const site = useSite();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ["boxes"],
    queryFn: ({ signal }) => getJson<BoxList>("/api/v1/boxes", signal),
    refetchInterval: 15_000,
    // A hub that enrols no boxes stays one.
    retry: false,
  });
  const [revoking, setRevoking] = useState<BoxView>();
  const { attempt, failure } = useAttempt();
  const decide = (box: BoxView, decision: Decision, why?: string): Promise<void> =>
    attempt(async () => {
      const address = `/api/v1/boxes/${box.campus}/${box.node}/${decision}`;
      await sendJson("POST", address, why === undefined ? {} : { why });
      setRevoking(undefined);
      await refetch();
    });
  const isAway = error instanceof ApiProblem && error.status === 503;
  const waiting = data?.boxes.filter(({ state }) => state === "waiting" || state === "quarantined") ?? [];
  return (
    <div className="settings">
      <header>
        <h1>{words.title}</h1>
        <p className="quiet-note">{words.intro}</p>
      </header>
      {isAway && <p className="settings-note">{words.away}</p>}
      {error !== null && !isAway && <Failure error={error} onRetry={() => void refetch()} />}
      {isPending && <p className="quiet-note">{t.loading}</p>}
      {failure !== undefined && revoking === undefined && <Failure title={words.failed} error={failure} />}
      {waiting.length > 0 && (
        <section aria-label={words.decide}>
          <h2>{words.decide}</h2>
          {waiting.map((box) => (
            <Waiting
              key={`${box.campus}/${box.node}`}
              box={box}
              site={site}
              onDecide={(decision) => void decide(box, decision)}
            />
          ))}
        </section>
      )}
      {data !== undefined && (
        <>
          <section>
            <h2>{words.list}</h2>
            {data.boxes.length === 0 ? (
              <p className="quiet-note">{words.none}</p>
            ) : (
              <BoxTable boxes={data.boxes} site={site} onRevoke={setRevoking} />
            )}
          </section>
          <NewBoxesForm site={site} onIssued={() => void refetch()} />
          <OfflineBox site={site} onSigned={() => void refetch()} />
          <section>
            <dl className="facts">
              <div>
                <dt>{words.hub}</dt>
                <dd>{data.hub}</dd>
              </div>
              <div>
                <dt>{words.fingerprint}</dt>
                <dd className="secret">{data.fingerprint}</dd>
              </div>
            </dl>
          </section>
        </>
      )}
      {revoking !== undefined && (
        <RevokeDialog
          box={revoking}
          failure={failure}
          onClose={() => setRevoking(undefined)}
          onRevoke={(why) => void decide(revoking, "revocation", why)}
        />
      )}
    </div>
  );
}

function Waiting({
  box,
  site,
  onDecide,
}: {
  readonly box: BoxView;
  readonly site: Site | undefined;
  readonly onDecide: (decision: Decision) => void;
}) {
  const { language } = useSpeech();
  const words = useWords(BOX_WORDS);
  const renewal = box.state === "waiting";
  return (
    <div className="settings-note">
      <strong>
        {campusTitle(site, box.campus, language)} · {box.node}: {words.states[box.state]}
      </strong>
      <p>{renewal ? words.approveHint : words.releaseHint}</p>
      <button type="button" className="button" onClick={() => onDecide(renewal ? "approval" : "release")}>
        {renewal ? words.approve : words.release}
      </button>
    </div>
  );
}

function BoxTable({
  boxes,
  site,
  onRevoke,
}: {
  readonly boxes: readonly BoxView[];
  readonly site: Site | undefined;
  readonly onRevoke: (box: BoxView) => void;
}) {
  const { language, locale } = useSpeech();
  const words = useWords(BOX_WORDS);
  const now = useNow();
  return (
    <TableFrame label={words.list}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{words.campus}</th>
            <th scope="col">{words.node}</th>
            <th scope="col">{words.state}</th>
            <th scope="col">{words.ends}</th>
            <th scope="col">{words.actions}</th>
          </tr>
        </thead>
        <tbody>
          {boxes.map((box) => {
            const { campus, invitedUntil, node, notAfter, state } = box;
            return (
              <tr key={`${campus}/${node}`}>
                <td>{campusTitle(site, campus, language)}</td>
                <td className="nowrap">{node}</td>
                <td>
                  {words.states[state]}
                  {invitedUntil !== undefined && (
                    <div className="quiet">{words.invitedUntil(dayAndMinuteText(invitedUntil, locale))}</div>
                  )}
                </td>
                <td className="figure">
                  {notAfter === undefined
                    ? "—"
                    : `${fullDateText(notAfter, locale)} · ${words.daysLeft(Math.floor((notAfter - now) / DAY_MS))}`}
                </td>
                <td>
                  {state !== "revoked" && state !== "invited" && (
                    <button
                      type="button"
                      className="button"
                      aria-label={`${words.revoke}: ${campus}/${node}`}
                      onClick={() => onRevoke(box)}
                    >
                      {words.revoke}
                    </button>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </TableFrame>
  );
}

function RevokeDialog({
  box,
  failure,
  onClose,
  onRevoke,
}: {
  readonly box: BoxView;
  readonly failure: Error | undefined;
  readonly onClose: () => void;
  readonly onRevoke: (why: string) => void;
}) {
  const words = useWords(BOX_WORDS);
  const [why, setWhy] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onRevoke(why.trim());
  };
  return (
    <Dialog title={words.revokeTitle(`${box.campus}/${box.node}`)} onClose={onClose}>
      <form className="dialog-form" onSubmit={submit}>
        {failure !== undefined && <Failure title={words.failed} error={failure} kept={words.kept} />}
        <p>{words.revokeText}</p>
        <label className="field">
          <span>{words.why}</span>
          <input value={why} required maxLength={400} onChange={(event) => setWhy(event.target.value)} />
        </label>
        <DialogFooter action={words.revoke} isGrave disabled={why.trim() === ""} onCancel={onClose} />
      </form>
    </Dialog>
  );
}

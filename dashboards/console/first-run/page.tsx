import type { ChannelView, DeskView } from "@campus-ops/rules/api";
import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import type { BackupsView, SettingView } from "../../api/api.ts";
import { HUB_CAMPUS } from "../format/place.ts";
import { getJson } from "../live/http.ts";
import { useInventory, useSite } from "../live/live.tsx";
import { useMe } from "../live/me.ts";
import { useWords } from "../text/language.tsx";
import { ClearDemonstration } from "./clear.tsx";
import { STEPS, type Step, stateOf } from "./steps.ts";
import { FIRST_RUN_WORDS } from "./words.ts";
import "../settings/settings.css";
import "./first-run.css";

const LOOK_MS = 5_000;
const LINKS: Readonly<Record<Step, string>> = {
  administrator: "/accounts",
  school: "/settings/site",
  calendar: "/settings/calendar",
  desk: "/settings/desks",
  box: "/settings/boxes",
  device: "/commissioning",
  backup: "/settings/backups",
};

/** The way from an empty hub to its first device, with how far this one is. */
export default function FirstRunPage() {
  const words = useWords(FIRST_RUN_WORDS);
  const me = useMe();
  const site = useSite();
  const { inventory, query } = useInventory();
  const calendar = useLook<SettingView>("/api/v1/settings/calendar");
  const desks = useLook<readonly DeskView[]>("/api/v1/desks");
  const channels = useLook<readonly ChannelView[]>("/api/v1/channels");
  const backups = useLook<BackupsView>("/api/v1/backups");
  const boxes = [...inventory.nodes.values()].filter(({ campus, online }) => online && campus !== HUB_CAMPUS);
  const devices = [...inventory.devices.values()].filter(
    ({ campus, health }) => health === "working" && campus !== HUB_CAMPUS,
  );
  const seen = {
    me,
    campuses: site?.counties.flatMap((county) => county.campuses).length,
    calendar,
    desks,
    channels,
    boxesOnline: query.isSuccess ? boxes.length : undefined,
    devicesWorking: query.isSuccess ? devices.length : undefined,
    backups,
  };
  const states = STEPS.map((step) => ({ step, state: stateOf(step, seen) }));
  const next = states.find(({ state }) => state === false)?.step;
  return (
    <div className="settings">
      <header>
        <h1>{words.title}</h1>
        <p className="quiet-note">{words.intro}</p>
      </header>
      {me?.demonstration === true && <p className="settings-note">{words.demonstration}</p>}
      <p role="status">{words.progress(states.filter(({ state }) => state === true).length, STEPS.length)}</p>
      <ol className="first-steps">
        {states.map(({ state, step }) => {
          const { done, link, title, todo } = words.steps[step];
          return (
            <li key={step} className="settings-card" aria-current={step === next ? "step" : undefined}>
              <h2>
                {title} · {state === undefined ? words.unknown : state ? words.done : words.open}
              </h2>
              {state !== undefined && <p>{state ? done : todo}</p>}
              <Link className="button" data-primary={step === next} href={LINKS[step]}>
                {link}
              </Link>
            </li>
          );
        })}
      </ol>
      {me?.demonstration === true && me.permissions["settings.write"]?.includes("") === true && (
        <ClearDemonstration />
      )}
    </div>
  );
}

/** What somebody may not see stays undefined: the page says so, and goes on. */
function useLook<T>(address: string): T | undefined {
  return useQuery({
    queryKey: ["first-run", address],
    queryFn: ({ signal }) => getJson<T>(address, signal),
    refetchInterval: LOOK_MS,
    retry: false,
  }).data;
}

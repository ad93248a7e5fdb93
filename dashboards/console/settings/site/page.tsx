import type { Site } from "@campus-ops/device-profiles/vocabulary";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useSpeech, useWords } from "../../text/language.tsx";
import { SaveBar } from "../save-bar.tsx";
import { useSetting } from "../use-setting.ts";
import { SETTING_WORDS } from "../words.ts";
import { type Edited, SiteDialog } from "./dialogs.tsx";
import { readSite, withoutCampus, withoutCounty } from "./draft.ts";
import { SITE_WORDS } from "./words.ts";
import "../settings.css";

/** What the city, its counties and campuses are called, and the campuses there are. */
export default function SitePage() {
  const { t, local } = useSpeech();
  const words = useWords(SITE_WORDS);
  const common = useWords(SETTING_WORDS);
  const client = useQueryClient();
  const edited = useSetting("site", readSite);
  const { change, draft: site, saved, setting } = edited;
  const [open, setOpen] = useState<Edited>();
  // The names on this page's own bars: the hub that would be asked is beginning again.
  useEffect(() => {
    if (saved && setting !== undefined) client.setQueryData(["site"], readSite(setting.value));
  }, [client, saved, setting]);
  const edit = (name: string, what: Edited) => (
    <button
      type="button"
      className="button"
      aria-label={`${common.edit}: ${name}`}
      onClick={() => setOpen(what)}
    >
      {common.edit}
    </button>
  );
  const remove = (name: string, without: () => Site) => (
    <button
      type="button"
      className="button"
      aria-label={`${common.remove}: ${name}`}
      onClick={() => change(without())}
    >
      {common.remove}
    </button>
  );
  return (
    <div className="settings">
      <header>
        <h1>{words.title}</h1>
        <p className="quiet-note">{words.intro}</p>
        <p className="quiet-note">{words.above}</p>
      </header>
      {setting === undefined && edited.error === null && <p className="quiet-note">{t.loading}</p>}
      <SaveBar edited={edited} part={words.part} namesFields={false} />
      {setting !== undefined && (
        <>
          <section>
            <h2>{words.city}</h2>
            <div className="settings-row settings-line">
              <span className="facts-line">
                <strong>{local(site.city.title)}</strong>
                <span className="quiet">{words.cityCode(site.city.code)}</span>
              </span>
              {edit(local(site.city.title), { what: "city" })}
            </div>
          </section>
          <section>
            <h2>{words.counties}</h2>
            <ul className="plain-list">
              {site.counties.map(({ campuses, code, title }) => (
                <li key={code} className="settings-card">
                  <div className="settings-row settings-line">
                    <div className="facts-line">
                      <h3>{local(title)}</h3>
                      <span className="quiet">{words.cityCode(code)}</span>
                    </div>
                    <span className="row-actions">
                      {edit(local(title), { what: "county", code })}
                      {campuses.length === 0 && remove(local(title), () => withoutCounty(site, code))}
                    </span>
                  </div>
                  {campuses.length === 0 && <p className="quiet-note">{words.noCampus}</p>}
                  <ul className="plain-list">
                    {campuses.map((campus) => (
                      <li key={campus.id} className="settings-row settings-line">
                        <span className="facts-line">
                          <span>{local(campus.title)}</span>
                          <span className="quiet">{words.cityCode(campus.id)}</span>
                          <span className="quiet">
                            {words.placeCount(Object.keys(campus.places ?? {}).length)}
                          </span>
                        </span>
                        <span className="row-actions">
                          {edit(local(campus.title), { what: "campus", campus })}
                          {remove(local(campus.title), () => withoutCampus(site, campus.id))}
                        </span>
                      </li>
                    ))}
                  </ul>
                  <button
                    type="button"
                    className="button"
                    onClick={() => setOpen({ what: "new campus", code })}
                  >
                    {words.addCampus(local(title))}
                  </button>
                </li>
              ))}
            </ul>
            <button type="button" className="button" onClick={() => setOpen({ what: "new county" })}>
              {words.addCounty}
            </button>
          </section>
        </>
      )}
      {open !== undefined && (
        <SiteDialog
          edited={open}
          site={site}
          onClose={() => setOpen(undefined)}
          onDone={(next) => {
            change(next);
            setOpen(undefined);
          }}
        />
      )}
    </div>
  );
}

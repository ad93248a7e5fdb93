import { lazy, Suspense, useEffect } from "react";
import { Link, Redirect, Route, Switch, useLocation } from "wouter";
import { AlarmsPage } from "../alarms/page.tsx";
import { SoundBar } from "../alarms/sound-bar.tsx";
import { useConnection, useSession } from "../live/live.tsx";
import { useSpeech } from "../text/language.tsx";
import { ConnectionBar } from "./connection-bar.tsx";
import { Icon } from "./icons.tsx";
import { usePreference } from "./preferences.ts";
import { Status } from "./status.tsx";

const DevicesPage = lazy(() => import("../devices/page.tsx"));
const CampusPage = lazy(() => import("../campus/page.tsx"));
const RegionPage = lazy(() => import("../region/page.tsx"));

const PAGES = ["alarms", "devices", "campus", "region"] as const;

export function Shell() {
  const { t } = useSpeech();
  const connection = useConnection();
  const session = useSession();
  const [location] = useLocation();
  const [theme] = usePreference("theme");
  const page = PAGES.find((each) => location.startsWith(`/${each}`)) ?? "alarms";

  useEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
  useEffect(() => {
    document.title = `${t.nav[page]} · ${t.product}`;
  }, [page, t]);

  return (
    <div className="shell" data-connection={connection.state}>
      <a className="skip-link" href="#content">
        {t.skipToContent}
      </a>
      <ConnectionBar connection={connection} />
      <SoundBar />
      <header className="top-bar">
        <span className="product">{t.product}</span>
        <nav className="navigation" aria-label={t.nav.label}>
          {PAGES.map((each) => (
            <Link key={each} href={`/${each}`} aria-current={each === page ? "page" : undefined}>
              <Icon name={each} />
              <span>{t.nav[each]}</span>
            </Link>
          ))}
        </nav>
        <Status connection={connection} session={session} />
      </header>
      {session?.demonstration === true && (
        <aside className="demonstration" aria-label={t.demonstrationLabel}>
          {t.demonstration}
        </aside>
      )}
      <main id="content" className="content" tabIndex={-1}>
        <Suspense fallback={<p className="quiet-note">{t.loading}</p>}>
          <Switch>
            <Route path="/alarms" component={AlarmsPage} />
            <Route path="/devices" component={DevicesPage} />
            <Route path="/campus/:campus?" component={CampusPage} />
            <Route path="/region" component={RegionPage} />
            <Route>
              <Redirect to="/alarms" replace />
            </Route>
          </Switch>
        </Suspense>
      </main>
    </div>
  );
}

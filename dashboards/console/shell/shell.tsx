import { Suspense, useEffect } from "react";
import { Link, Redirect, Route, Switch, useLocation } from "wouter";
import { SoundBar } from "../alarms/sound-bar.tsx";
import { useConnection, useSession } from "../live/live.tsx";
import { useSpeech } from "../text/language.tsx";
import { ConnectionBar } from "./connection-bar.tsx";
import { Icon } from "./icons.tsx";
import { AREAS, pageAt } from "./pages.ts";
import { usePreference } from "./preferences.ts";
import { Status } from "./status.tsx";

export function Shell() {
  const { t, local } = useSpeech();
  const connection = useConnection();
  const session = useSession();
  const [location] = useLocation();
  const [theme] = usePreference("theme");
  const { area, page } = pageAt(location);
  const title = area.pages.length === 1 ? t.nav[area.id] : `${local(page.title)} · ${t.nav[area.id]}`;

  useEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
  useEffect(() => {
    document.title = `${title} · ${t.product}`;
  }, [title, t]);

  return (
    <div className="shell" data-connection={connection.state} data-bare={page.bare}>
      <a className="skip-link" href="#content">
        {t.skipToContent}
      </a>
      <ConnectionBar connection={connection} />
      <SoundBar />
      {page.bare !== true && (
        <header className="top-bar">
          <span className="product">{t.product}</span>
          <nav className="navigation" aria-label={t.nav.label}>
            {AREAS.map((each) => (
              <Link key={each.id} href={each.pages[0].path} aria-current={each === area ? "page" : undefined}>
                <Icon name={each.id} />
                <span>{t.nav[each.id]}</span>
              </Link>
            ))}
          </nav>
          <Status connection={connection} session={session} />
        </header>
      )}
      {session?.demonstration === true && (
        <aside className="demonstration" aria-label={t.demonstrationLabel}>
          {t.demonstration}
        </aside>
      )}
      {page.bare !== true && area.pages.length > 1 && (
        <nav className="area-pages" aria-label={t.nav[area.id]}>
          {area.pages.map((each) => (
            <Link key={each.path} href={each.path} aria-current={each === page ? "page" : undefined}>
              {local(each.title)}
            </Link>
          ))}
        </nav>
      )}
      <main id="content" className="content" tabIndex={-1}>
        <Suspense fallback={<p className="quiet-note">{t.loading}</p>}>
          <Switch>
            {AREAS.flatMap(({ pages }) => pages).map(({ path, route, component }) => (
              <Route key={path} path={route ?? path} component={component} />
            ))}
            <Route>
              <Redirect to="/alarms" replace />
            </Route>
          </Switch>
        </Suspense>
      </main>
    </div>
  );
}

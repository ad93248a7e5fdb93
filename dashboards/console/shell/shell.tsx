import { useEffect, useRef } from "react";
import { Link, Redirect, Route, Switch, useLocation } from "wouter";
import { SoundBar } from "../alarms/sound-bar.tsx";
import { LoadedPart } from "../controls/loaded-part.tsx";
import { useConnection } from "../live/live.tsx";
import { useMay, useMe } from "../live/me.ts";
import { useSpeech } from "../text/language.tsx";
import { ConnectionBar } from "./connection-bar.tsx";
import { Icon } from "./icons.tsx";
import { AREAS, pageAt } from "./pages.ts";
import { usePreference } from "./preferences.ts";
import { Status } from "./status.tsx";

export function Shell() {
  const { t, local } = useSpeech();
  const connection = useConnection();
  const me = useMe();
  const may = useMay();
  const [location] = useLocation();
  const [theme] = usePreference("theme");
  const { area, page } = pageAt(location);
  const shown = AREAS.map((each) => ({ ...each, pages: each.pages.filter(({ needs }) => may(needs)) }));
  const pages = shown.find(({ id }) => id === area.id)?.pages ?? [];
  const home = shown.find((each) => each.pages.length > 0)?.pages[0]?.path ?? "/account";
  const title = area.pages.length === 1 ? t.nav[area.id] : `${local(page.title)} · ${t.nav[area.id]}`;

  useEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
  // On a phone an area has more pages than fit beside each other.
  const beside = useRef<HTMLElement>(null);
  useEffect(() => {
    beside.current
      ?.querySelector(`[href="${page.path}"]`)
      ?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [page.path]);
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
            {shown.map(({ id, pages: [first] }) =>
              first === undefined ? null : (
                <Link key={id} href={first.path} aria-current={id === area.id ? "page" : undefined}>
                  <Icon name={id} />
                  <span>{t.nav[id]}</span>
                </Link>
              ),
            )}
          </nav>
          <Status connection={connection} me={me} />
        </header>
      )}
      {me?.demonstration === true && (
        <aside className="demonstration" aria-label={t.demonstrationLabel}>
          {t.demonstration}
        </aside>
      )}
      {page.bare !== true && pages.length > 1 && (
        <nav className="area-pages" ref={beside} aria-label={t.nav[area.id]}>
          {pages.map((each) => (
            <Link key={each.path} href={each.path} aria-current={each === page ? "page" : undefined}>
              {local(each.title)}
            </Link>
          ))}
        </nav>
      )}
      <main id="content" className="content" tabIndex={-1}>
        <LoadedPart about={page.path} fallback={<p className="quiet-note">{t.loading}</p>}>
          <Switch>
            {shown
              .flatMap((each) => each.pages)
              .map(({ path, route, component }) => (
                <Route key={path} path={route ?? path} component={component} />
              ))}
            <Route>
              <Redirect to={home} replace />
            </Route>
          </Switch>
        </LoadedPart>
      </main>
    </div>
  );
}

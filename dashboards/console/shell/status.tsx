import { useEffect, useState } from "react";
import { Link } from "wouter";
import type { MeView } from "../../api/api.ts";
import { Segmented } from "../controls/segmented.tsx";
import { clockText, dateText } from "../format/time.ts";
import { useNow } from "../live/clock.ts";
import type { Connection } from "../live/connection.ts";
import { afterFrame } from "../live/frame.ts";
import { useSpeech } from "../text/language.tsx";
import { Icon } from "./icons.tsx";
import { usePreference } from "./preferences.ts";

/** The right end of the top bar: link, clock, who is here, language and theme. */
export function Status({
  connection,
  me,
}: {
  readonly connection: Connection;
  readonly me: MeView | undefined;
}) {
  const { t, local } = useSpeech();
  const [language, setLanguage] = usePreference("language");
  const [theme, setTheme] = usePreference("theme");
  const themeHint = theme === "dark" ? t.settings.useLight : t.settings.useDark;
  return (
    <div className="status">
      <span className="link-state" data-state={connection.state}>
        {t.connection[connection.state]}
      </span>
      <Clock />
      {me !== undefined && (
        <Link href="/account" className="session" title={t.settings.signedInAs(local(me.title))}>
          {local(me.title)}
        </Link>
      )}
      <Segmented
        label={t.settings.language}
        options={[
          { value: "zh", title: "中文" },
          { value: "en", title: "EN" },
        ]}
        value={language}
        onChange={setLanguage}
      />
      <button
        type="button"
        className="icon-button"
        aria-label={themeHint}
        title={themeHint}
        onClick={() => setTheme(theme === "dark" ? "light" : "dark")}
      >
        <Icon name={theme === "dark" ? "sun" : "moon"} />
      </button>
    </div>
  );
}

function Clock() {
  const { locale } = useSpeech();
  const now = useNow();
  // Its names of days and months are the browser's, which take a slow machine a while to open.
  const [dated, setDated] = useState(false);
  useEffect(() => afterFrame(() => setDated(true)), []);
  return (
    <time className="clock" dateTime={new Date(now).toISOString()}>
      <span className="clock-date">{dated && dateText(now, locale)}</span>
      <span className="clock-time">{clockText(now)}</span>
    </time>
  );
}

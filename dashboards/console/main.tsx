// The order of the style sheets is their precedence: what is common first.
import "./style/tokens.css";
import "./style/base.css";
import "./style/controls.css";
import "./shell/shell.css";

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Gate } from "./account/gate.tsx";
import { SoundProvider } from "./alarms/sound.tsx";
import { watchAttention } from "./live/attention.ts";
import { LiveDesk } from "./live/desk.ts";
import { firstLoad } from "./live/first-load.ts";
import { ApiProblem } from "./live/http.ts";
import { LiveProvider } from "./live/live.tsx";
import { Shell } from "./shell/shell.tsx";
import { LanguageProvider } from "./text/language.tsx";

const RETRIES_MAX = 2;

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // The live stream says what changed; nothing is fetched again by age or focus.
      staleTime: Number.POSITIVE_INFINITY,
      refetchOnWindowFocus: false,
      networkMode: "always",
      retry: (failures, error) =>
        failures < RETRIES_MAX && !(error instanceof ApiProblem && error.status < 500),
    },
    mutations: { networkMode: "always" },
  },
});

watchAttention(window);
const desk = new LiveDesk(client);
const root = document.getElementById("root");
if (root === null) throw new Error("the page has no element to draw into");

const page = (
  <StrictMode>
    <QueryClientProvider client={client}>
      <LanguageProvider>
        <Gate>
          <LiveProvider desk={desk}>
            <SoundProvider>
              <Shell />
            </SoundProvider>
          </LiveProvider>
        </Gate>
      </LanguageProvider>
    </QueryClientProvider>
  </StrictMode>
);
// No top-level await: the bundler would put each module into a file of its own.
void firstLoad(client, desk).then(() => createRoot(root).render(page));

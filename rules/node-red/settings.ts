/**
 * Node-RED's settings, locked down. The palette is found by itself: it is a package beside Node-RED's own.
 * Whoever may edit flows may run code: the function node is no sandbox, and a palette
 * that can be added to is a way in. So the process itself is shut in (see `main.ts`), nothing is installed from outside,
 * and the nodes that reach for files and programs are not there. The function node is, only where a site says so.
 */

export interface FlowSettings {
  /** Absolute: flows, credentials and their versions. */
  readonly folder: string;
  /** Encrypts the credentials in the flows' file. */
  readonly credentialSecret: string;
  readonly functions: boolean;
}

/** Files of Node-RED's own nodes that are left out: programs, files, sockets that listen, watchers. */
const EXCLUDED = [
  "90-exec.js",
  "10-file.js",
  "23-watch.js",
  "31-tcpin.js",
  "32-udp.js",
  "21-httpin.js",
  "22-websocket.js",
];

export function nodeRedSettings({ folder, credentialSecret, functions }: FlowSettings): object {
  return {
    userDir: folder,
    flowFile: "flows.json",
    flowFilePretty: true,
    credentialSecret,
    nodesExcludes: [...EXCLUDED, ...(functions ? [] : ["10-function.js", "80-template.js"])],
    // The console's server puts it below /flows, behind its own sign-in.
    httpAdminRoot: "/",
    // Flows answer no requests of their own: the platform has one door.
    httpNodeRoot: false,
    functionExternalModules: false,
    functionGlobalContext: {},
    exportGlobalContextKeys: false,
    functionTimeout: 5,
    externalModules: {
      autoInstall: false,
      palette: { allowInstall: false, allowUpload: false, allowUpdate: false },
      modules: { allowInstall: false },
    },
    diagnostics: { enabled: false, ui: false },
    telemetry: { enabled: false },
    runtimeState: { enabled: true, ui: true },
    lang: "zh-CN",
    editorTheme: {
      page: { title: "campus-ops" },
      header: { title: "campus-ops" },
      tours: false,
      palette: {
        catalogues: [],
        categories: ["campus", "common", "function", "network", "sequence", "parser"],
      },
      projects: { enabled: false },
      multiplayer: { enabled: false },
      userMenu: false,
    },
    logging: { console: { level: "off", metrics: false, audit: false } },
  };
}

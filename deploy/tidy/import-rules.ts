/** Who may import whom, and that everybody declares what they import: docs/architecture.md as a table. */
import {
  type Import,
  importsOf,
  isTest,
  type Project,
  resolveImport,
  sources,
  type Violation,
  workspaceOf,
  workspaces,
} from "./project.ts";

/** A part of the repository, by the folders it lies in; the longest match counts. */
interface Zone {
  /** Folders it may import from, its own always among them. */
  readonly may: readonly string[];
  /** Files it may import types from, and nothing that runs. */
  readonly types?: readonly string[];
  /** True where nothing of Node may be imported. */
  readonly pure?: boolean;
}

const VOCABULARY = "device-profiles/vocabulary";
const GROUND = ["device-profiles", "broker/sparkplug", "broker/journal", "deploy/service"];
const APIS = ["ingest/api.ts", "rules/api.ts"];
const CORE = [
  VOCABULARY,
  "device-profiles/codecs",
  "device-profiles/profiles",
  "broker/sparkplug",
  "broker/journal",
];

export const ZONES: Readonly<Record<string, Zone>> = {
  [VOCABULARY]: { may: [], pure: true },
  "device-profiles/codecs": { may: [VOCABULARY], pure: true },
  "device-profiles/profiles": { may: [VOCABULARY, "device-profiles/codecs"], pure: true },
  "device-profiles/simulator": { may: ["device-profiles"] },
  "device-profiles": { may: [] },
  "broker/sparkplug": { may: [VOCABULARY], pure: true },
  "broker/journal": { may: [VOCABULARY, "broker/sparkplug", "deploy/service"] },
  broker: { may: ["device-profiles", "deploy/service"] },
  "edge-agent/core": { may: CORE, pure: true },
  "edge-agent": { may: GROUND },
  "ingest/core": { may: CORE, types: ["ingest/api.ts"], pure: true },
  ingest: { may: GROUND },
  "rules/core": { may: CORE, types: ["rules/api.ts"], pure: true },
  rules: { may: GROUND },
  "rules/node-red": { may: [...GROUND, "rules/core", "rules/packs"] },
  "dashboards/accounts/core": { may: [VOCABULARY], pure: true },
  "dashboards/audit/core": { may: [VOCABULARY], pure: true },
  "dashboards/site/core": { may: [VOCABULARY], pure: true },
  "dashboards/device-notes/core": {
    may: [VOCABULARY],
    types: ["dashboards/device-notes/api.ts"],
    pure: true,
  },
  "dashboards/rooms/core": { may: [VOCABULARY], types: ["dashboards/rooms/api.ts"], pure: true },
  "dashboards/work-orders/core": { may: [VOCABULARY], pure: true },
  "dashboards/console": {
    may: [VOCABULARY, "dashboards/accounts/core", "dashboards/audit/core"],
    types: [...APIS, "dashboards/api/api.ts"],
  },
  dashboards: { may: GROUND, types: APIS },
  "deploy/service": { may: [] },
  "deploy/updates/core": { may: [VOCABULARY], types: ["dashboards/updates/api.ts"], pure: true },
  // The top: it starts, tests and measures everything.
  deploy: { may: ["device-profiles", "broker", "edge-agent", "ingest", "rules", "dashboards"] },
  docs: { may: ["device-profiles", "deploy"] },
  examples: { may: [] },
};

/** What a test may use beyond its zone: real peers and simulated devices, of the parts below. */
const TESTS_MAY = ["device-profiles", "broker", "deploy/service"];

const zoneNames = Object.keys(ZONES).sort((a, b) => b.length - a.length);

const lies = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);
const zoneOf = (path: string): string | undefined => zoneNames.find((name) => lies(path, name));

export function importDirection(project: Project): readonly Violation[] {
  const all = workspaces(project);
  const violations: Violation[] = [];
  for (const [file, text] of sources(project)) {
    const name = zoneOf(file);
    const zone = name === undefined ? undefined : ZONES[name];
    if (name === undefined || zone === undefined) {
      // Configuration files at the root import what they configure.
      if (file.includes("/"))
        violations.push({ file, says: "lies in no folder that the architecture knows" });
      continue;
    }
    for (const each of importsOf(text)) {
      if (zone.pure === true && !isTest(file) && each.specifier.startsWith("node:")) {
        violations.push({ file, says: `is pure, and imports ${each.specifier}` });
        continue;
      }
      const target = resolveImport(file, each.specifier, all);
      if (target !== undefined && !allowed(file, name, zone, target, each)) {
        violations.push({ file, says: `must not import ${each.typeOnly ? "types of " : ""}${target}` });
      }
    }
  }
  return violations;
}

function allowed(file: string, name: string, zone: Zone, target: string, { typeOnly }: Import): boolean {
  // Its own zone, and inside a workspace downward into its core: the core itself may not look up.
  if (lies(target, name)) return true;
  if (zone.may.some((folder) => lies(target, folder))) return true;
  if (typeOnly && zone.types?.includes(target) === true) return true;
  if (!isTest(file)) return false;
  const sameWorkspace = file.split("/")[0] === target.split("/")[0];
  return (sameWorkspace && isTest(target)) || TESTS_MAY.some((folder) => lies(target, folder));
}

/** Files that import each other in a ring, types left out: the order in which they are evaluated is then luck. */
export function importCycles(project: Project): readonly Violation[] {
  const all = workspaces(project);
  const graph = new Map(
    sources(project).map(([file, text]) => [
      file,
      importsOf(text)
        .filter(({ typeOnly }) => !typeOnly)
        .flatMap(({ specifier }) => resolveImport(file, specifier, all) ?? []),
    ]),
  );
  const done = new Set<string>();
  const violations: Violation[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) {
      violations.push({ file, says: `imports itself: ${[...path.slice(at), file].join(" → ")}` });
      return;
    }
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return violations;
}

/** npm puts everybody's packages where everybody finds them; what a workspace does not declare breaks when it moves. */
export function undeclaredImports(project: Project): readonly Violation[] {
  const all = workspaces(project);
  const shared = all.find(({ folder }) => folder === "");
  const violations: Violation[] = [];
  for (const [file, text] of sources(project)) {
    const own = workspaceOf(file, all);
    if (own === undefined) continue;
    const declared = new Set([own.name, ...Object.keys(own.dependencies ?? {})]);
    // Tools of the whole house are declared at the root; only tests and configuration use them.
    if (isTest(file) || isToolConfiguration(file)) {
      for (const each of [own.devDependencies, shared?.devDependencies]) {
        for (const name of Object.keys(each ?? {})) declared.add(name);
      }
    }
    // Development code of deploy (benchmarks, end-to-end tests) is never shipped.
    if (/^deploy\/(bench|e2e|testing|tidy)\//.test(file)) {
      for (const name of Object.keys(own.devDependencies ?? {})) declared.add(name);
    }
    for (const { specifier } of importsOf(text)) {
      if (specifier.startsWith(".") || specifier.startsWith("node:")) continue;
      const name = specifier
        .split("/")
        .slice(0, specifier.startsWith("@") ? 2 : 1)
        .join("/");
      if (!declared.has(name)) {
        violations.push({
          file,
          says: `imports ${name}, which ${own.folder || "the root"}/package.json does not declare`,
        });
      }
    }
  }
  return violations;
}

const isToolConfiguration = (file: string): boolean => /(^|\/)(vite|vitest)\.config\.ts$/.test(file);

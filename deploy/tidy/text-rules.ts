/** Rules that a look at the text of a file decides. */
import { codeOf, isSource, isTest, type Project, sources, type Violation, workspaces } from "./project.ts";

export const FILE_LINES_MAX = 500;

export function filesTooLong(project: Project): readonly Violation[] {
  return sources(project).flatMap(([file, text]) => {
    const lines = text.split("\n").length - 1;
    return lines > FILE_LINES_MAX
      ? [{ file, says: `has ${lines} lines; more than ${FILE_LINES_MAX} hide two things` }]
      : [];
  });
}

const PURE =
  /^(device-profiles\/(vocabulary|codecs|profiles)|broker\/sparkplug|(edge-agent|ingest|rules)\/core)\//;
const IMPURE =
  /\b(Date\.now|new Date\(\)|Date\(\)|performance\.now|setTimeout|setInterval|setImmediate|queueMicrotask|Math\.random|process\.|globalThis|console\.)/;

/** Clocks, timers and chance are handed in, so that a decision can be replayed. */
export function impureCode(project: Project): readonly Violation[] {
  return sources(project)
    .filter(([file]) => PURE.test(file) && !isTest(file))
    .flatMap(([file, text]) => found(file, text, IMPURE, (match) => `is pure, and uses ${match}`));
}

const SKIPPED =
  /\b(?:test|it|describe|suite)\.(?:skip|only|todo|skipIf|runIf|fails)\b|\b(?:xit|xtest|xdescribe|fit|fdescribe)\(/;

export function skippedTests(project: Project): readonly Violation[] {
  return sources(project)
    .filter(([file]) => isTest(file))
    .flatMap(([file, text]) => found(file, text, SKIPPED, (match) => `leaves tests out: ${match}`));
}

/** vitest's own waits give up after a second, which a busy machine may take for anything. */
const IMPATIENT = /\bvi\.wait(?:For|Until)\b/;
const PATIENT = "deploy/service/testing/soon.ts";

export function impatientWaits(project: Project): readonly Violation[] {
  return sources(project)
    .filter(([file]) => file !== PATIENT)
    .flatMap(([file, text]) => found(file, text, IMPATIENT, (match) => `waits by ${match} and not by soon`));
}

const ANY = /\bas any\b|<\s*any\s*>|:\s*any\b/;
const SILENCED = /@ts-(?:ignore|nocheck|expect-error)/;

export function silencedTypes(project: Project): readonly Violation[] {
  return sources(project).flatMap(([file, text]) => [
    ...found(file, text, ANY, (match) => `gives up on types: ${match}`),
    ...foundIn(file, text, SILENCED, (match) => `silences the compiler: ${match}`),
  ]);
}

/** Folders of one machine mean nothing in a clone, nor do addresses of registries: the lock file pins by integrity. */
const MACHINE_PATH = /(?<![\w.~$}-])\/(?:work|root|home\/(?!USER\b|pi\b)[a-z][\w-]*|Users\/\w+)\/[\w.-]+/;
const DOWNLOAD_ADDRESS = /"resolved": "https?:\/\/[^"]+"/;

export function machinesOwn(project: Project): readonly Violation[] {
  return [...project.files].flatMap(([file, text]) => {
    if (file === "package-lock.json") {
      return foundIn(file, text, DOWNLOAD_ADDRESS, (match) => `names where a package came from: ${match}`);
    }
    return foundIn(file, text, MACHINE_PATH, (match) => `names a folder of one machine: ${match}`);
  });
}

/** What a package promises to others must be there. */
export function missingExports(project: Project): readonly Violation[] {
  const paths = [...project.files.keys()];
  return workspaces(project).flatMap(({ folder, exports }) =>
    Object.entries(exports ?? {}).flatMap(([key, target]) => {
      const [before = "", after] = `${folder}/${target.replace(/^\.\//, "")}`.split("*");
      const there =
        after === undefined
          ? project.files.has(before)
          : paths.some((path) => path.startsWith(before) && path.endsWith(after) && isSource(path));
      return there
        ? []
        : [{ file: `${folder}/package.json`, says: `exports ${key}, but there is no ${target}` }];
    }),
  );
}

/** Looks at code alone, comments left out. */
function found(
  file: string,
  text: string,
  pattern: RegExp,
  says: (match: string) => string,
): readonly Violation[] {
  return foundIn(file, codeOf(text), pattern, says);
}

function foundIn(
  file: string,
  text: string,
  pattern: RegExp,
  says: (match: string) => string,
): readonly Violation[] {
  return text.split("\n").flatMap((line, index) => {
    const match = pattern.exec(line)?.[0];
    return match === undefined ? [] : [{ file: `${file}:${index + 1}`, says: says(match) }];
  });
}

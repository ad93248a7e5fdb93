/**
 * Profiles that a user wrote: the YAML files of one folder, each checked by the schema of its protocol, compiled, and
 * proven by its own testcases. All of them are right, or the folder is refused with everything that is wrong.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { findProfile, PROFILES, type Profile } from "@campus-ops/device-profiles/profiles";
import type { ProfileDocument } from "@campus-ops/device-profiles/profiles/document/document";
import {
  compileProfile,
  DOCUMENT_PROTOCOLS,
  PROFILE_SCHEMAS,
  runTestcase,
} from "@campus-ops/device-profiles/profiles/document/kinds";
import { nearest } from "@campus-ops/device-profiles/vocabulary";
import {
  type CheckedDocument,
  checkDocument,
  type DocumentProblem,
  InvalidDocumentError,
  loadDocument,
} from "@campus-ops/service/process";

/** More files than this in one folder are not profiles of one campus. */
export const PROFILE_FILES_MAX = 500;

/** Every profile an agent can be configured with: those that ship, and those of the user's folder. */
export interface ProfileSet {
  readonly ids: readonly string[];
  find(id: string): Profile | undefined;
}

export const SHIPPED: ProfileSet = { ids: PROFILES.map(({ id }) => id), find: findProfile };

/** One document, with what came of it. */
export interface LoadedProfile {
  readonly file: string;
  /** Absent when there are problems. */
  readonly profile?: Profile;
  readonly testcases: number;
  readonly problems: readonly DocumentProblem[];
}

/** Throws {@link InvalidDocumentError} with every problem of every file. */
export function loadProfiles(folder: string): ProfileSet {
  const loaded = loadProfileFiles(profileFiles(folder));
  const problems = loaded.flatMap((each) => each.problems);
  if (problems.length > 0) throw new InvalidDocumentError(problems);
  const own = new Map(
    loaded.flatMap(({ profile }) => (profile === undefined ? [] : [[profile.id, profile]])),
  );
  return { ids: [...SHIPPED.ids, ...own.keys()], find: (id) => own.get(id) ?? SHIPPED.find(id) };
}

/** Throws {@link InvalidDocumentError} when the folder cannot be read, or holds too much. */
export function profileFiles(folder: string): readonly string[] {
  const refuse = (message: string, zh: string): never => {
    throw new InvalidDocumentError([{ file: folder, line: 0, field: "", message, zh }]);
  };
  let names: readonly string[];
  try {
    names = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name) && !name.startsWith("."));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    return refuse(`the folder of profiles cannot be read (${code})`, `设备模型文件夹无法读取（${code}）`);
  }
  if (names.length > PROFILE_FILES_MAX) {
    refuse(`holds more than ${PROFILE_FILES_MAX} profiles`, `设备模型超过 ${PROFILE_FILES_MAX} 个`);
  }
  return names.toSorted().map((name) => join(folder, name));
}

/** Documents may extend one another, in any order, and the profiles that ship. */
export function loadProfileFiles(files: readonly string[]): readonly LoadedProfile[] {
  const drafts = files.map(readDraft);
  const byId = new Map<string, Draft>();
  for (const draft of drafts) {
    const id = draft.document?.value.id;
    if (id === undefined) continue;
    const first = byId.get(id);
    if (SHIPPED.find(id) !== undefined) {
      complain(
        draft,
        "id",
        `${id} is a profile that ships; choose another id, and extend it`,
        `“${id}”是自带的设备模型；请另取编号，并用 extends 扩展它`,
      );
    } else if (first !== undefined) {
      complain(draft, "id", `is the id of ${first.file} already`, `与 ${first.file} 的编号相同`);
    } else byId.set(id, draft);
  }
  const find = (id: string): Profile | undefined => SHIPPED.find(id) ?? compiled(byId.get(id), find);
  return drafts.map((draft) => {
    const profile = compiled(draft, find);
    const { document, file, problems } = draft;
    return {
      file,
      ...(profile === undefined || problems.length > 0 ? {} : { profile }),
      testcases: document?.value.testcases?.length ?? 0,
      problems,
    };
  });
}

interface Draft {
  readonly file: string;
  /** Absent when its shape is wrong. */
  readonly document?: CheckedDocument<ProfileDocument>;
  readonly revision: string;
  readonly problems: DocumentProblem[];
  state: "waiting" | "compiling" | "done";
  profile?: Profile;
}

const OF_ANY_PROTOCOL = {
  type: "object",
  required: ["id", "protocol"],
  properties: { id: { type: "string" }, protocol: { type: "string", enum: DOCUMENT_PROTOCOLS } },
} as const;

function readDraft(file: string): Draft {
  const draft: Draft = { file, revision: "", problems: [], state: "waiting" };
  try {
    const { protocol } = loadDocument<ProfileDocument>(file, OF_ANY_PROTOCOL).value;
    const text = readFileSync(file, "utf8");
    const revision = createHash("sha256").update(text).digest("hex").slice(0, 16);
    const document = checkDocument<ProfileDocument>(file, text, PROFILE_SCHEMAS.get(protocol) ?? {});
    return { ...draft, document, revision };
  } catch (error) {
    if (!(error instanceof InvalidDocumentError)) throw error;
    draft.problems.push(...error.problems);
    return { ...draft, state: "done" };
  }
}

function compiled(draft: Draft | undefined, find: (id: string) => Profile | undefined): Profile | undefined {
  if (draft?.document === undefined || draft.state === "done") return draft?.profile;
  if (draft.state === "compiling") {
    complain(draft, "extends", "extends itself, by way of others", "绕一圈又扩展到了自己");
    return undefined;
  }
  draft.state = "compiling";
  const { locate, value } = draft.document;
  const report = (field: string, { en, zh }: { en: string; zh: string }): void => {
    const hint = field === "extends" ? suggestion(value.extends ?? "", SHIPPED.ids) : "";
    draft.problems.push(locate(field, en + hint, zh + hint));
  };
  const profile = compileProfile(value, find, draft.revision, report);
  draft.state = "done";
  if (profile === undefined) return undefined;
  for (const [index, testcase] of (value.testcases ?? []).entries()) {
    for (const { en, zh } of runTestcase(profile, testcase)) {
      const field = `testcases.${index}`;
      draft.problems.push(locate(field, `“${testcase.title}”: ${en}`, `“${testcase.title}”：${zh}`));
    }
  }
  draft.profile = profile;
  return profile;
}

function suggestion(text: string, known: readonly string[]): string {
  const close = nearest(text, known);
  return close.length === 0 ? "" : ` (${close.join(" / ")}?)`;
}

function complain(draft: Draft, field: string, message: string, zh: string): void {
  draft.problems.push(
    draft.document?.locate(field, message, zh) ?? { file: draft.file, line: 0, field, message, zh },
  );
}

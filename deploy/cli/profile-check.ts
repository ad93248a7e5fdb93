/** `campus-ops profile check`: what is wrong with profiles that a user wrote, and whether their testcases come out. */
import { statSync } from "node:fs";
import { declaredBy } from "@campus-ops/device-profiles/profiles/declared";
import { DEVICE_CLASSES, type Language } from "@campus-ops/device-profiles/vocabulary";
import { type LoadedProfile, loadProfileFiles, profileFiles } from "@campus-ops/edge-agent/profile-folder";
import { formatProblem, OperatorError } from "@campus-ops/service";

export interface CheckedProfiles {
  /** For a person, one line a file or problem. */
  readonly lines: readonly string[];
  readonly inOrder: boolean;
}

/** `paths` are files, or folders of them; documents may extend one another. */
export function checkProfiles(paths: readonly string[], language: Language): CheckedProfiles {
  const files = paths.flatMap((path) => {
    const entry = statSync(path, { throwIfNoEntry: false });
    return entry?.isDirectory() === true ? profileFiles(path) : [path];
  });
  if (files.length === 0) {
    throw new OperatorError("name the profile to check, for example examples/profiles/corridor-sensor.yaml");
  }
  const loaded = loadProfileFiles(files);
  return {
    lines: loaded.flatMap((each) => linesOf(each, language)),
    inOrder: loaded.every(({ problems }) => problems.length === 0),
  };
}

function linesOf(
  { file, problems, profile, testcases }: LoadedProfile,
  language: Language,
): readonly string[] {
  if (profile === undefined) return problems.map((problem) => formatProblem(problem, language));
  const { events, families = [], metrics } = declaredBy(profile);
  const count = metrics.length + families.length + events.length;
  const { en, zh } = DEVICE_CLASSES[profile.class];
  const inOrder =
    language === "zh"
      ? `${file}：正确。${profile.id}（${zh}），${profile.protocol}，${count} 个量`
      : `${file}: in order. ${profile.id} (${en}), ${profile.protocol}, ${count} metrics`;
  const proven =
    language === "zh"
      ? testcases === 0
        ? "；没有用例：请加上从设备抓到的报文"
        : `；${testcases} 个用例全部通过`
      : testcases === 0
        ? "; no testcases: add frames caught from the device"
        : `; all of its ${testcases} testcases come out`;
  return [inOrder + proven];
}

/** `campus-ops standards check`: is a standard's file one that a hub would take? */
import type { Language } from "@campus-ops/device-profiles/vocabulary";
import { loadStandard } from "@campus-ops/rules/standards";
import { formatProblem, InvalidDocumentError } from "@campus-ops/service";

export interface StandardsChecked {
  readonly inOrder: boolean;
  readonly lines: readonly string[];
}

export function checkStandards(files: readonly string[], language: Language): StandardsChecked {
  let inOrder = true;
  const lines = files.flatMap((file) => {
    try {
      const { title, items } = loadStandard(file);
      const checks = items.reduce((count, item) => count + item.checks.length, 0);
      const said =
        language === "zh"
          ? `${title.zh}，${items.length} 项、${checks} 条检查，无误`
          : `${title.en}: ${items.length} items, ${checks} checks, in order`;
      return [`${file}: ${said}`];
    } catch (error) {
      if (!(error instanceof InvalidDocumentError)) throw error;
      inOrder = false;
      return error.problems.map((problem) => formatProblem(problem, language));
    }
  });
  return { inOrder, lines };
}

/** `docs/reference/errors.md`: what the platform says when something is wrong, and what to do about it. */
import { PROBLEMS } from "@campus-ops/dashboards/problems";
import { QUALITY_REASONS } from "@campus-ops/device-profiles/vocabulary";
import { DRIVER_ERRORS } from "@campus-ops/edge-agent/driver";
import { OUTCOMES } from "@campus-ops/edge-agent/enrolment";
import { table } from "./markdown.ts";

export function errorsPage(): string {
  return [
    "# Errors",
    "## Processes",
    "A process that ends with exit code 78 has a configuration that a person must mend; its last log line says what is wrong, and the supervisor does not start it again until then. Any other end is answered by a restart, after a pause that grows while it keeps ending.",
    "## API",
    "Errors are RFC 9457 problems, in the caller's language (`Accept-Language`).",
    table(
      ["type", "status", "中文", "English"],
      Object.entries(PROBLEMS).map(([kind, { status, title }]) => [
        `\`urn:campus-ops:problem:${kind}\``,
        String(status),
        title.zh,
        title.en,
      ]),
    ),
    "## Devices",
    "Why a device could not be asked, as the edge agent's log (`kind`) and its metric `campus_ops_edge_device_failures_total` say it.",
    table(
      ["kind", "what happened", "what to do"],
      Object.entries(DRIVER_ERRORS).map(([kind, { meaning, action }]) => [`\`${kind}\``, meaning, action]),
    ),
    "## Enrolment",
    "The code in `状态-STATUS.txt` beside a box's seed file, in the box's log and in the hub's trail of enrolments.",
    table(
      ["code", "中文", "下一步", "meaning", "what to do"],
      Object.entries(OUTCOMES).map(([code, { means, next }]) => [
        `\`${code}\``,
        means.zh,
        next.zh,
        means.en,
        next.en,
      ]),
    ),
    "## Quality of a value",
    "Why a value is uncertain or bad; good values have no reason.",
    table(
      ["reason", "中文", "English"],
      Object.entries(QUALITY_REASONS).map(([reason, { zh, en }]) => [`\`${reason}\``, zh, en]),
    ),
  ].join("\n\n");
}

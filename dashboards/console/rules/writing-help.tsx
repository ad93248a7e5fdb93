import type { LocalText } from "@campus-ops/device-profiles/vocabulary";
import { TableFrame } from "../controls/table-frame.tsx";
import { useSpeech, useWords } from "../text/language.tsx";
import { RULE_WORDS } from "./words.ts";

/** What may stand in a rule, each with an example that can be copied. */
const FIELDS: readonly (readonly [example: string, meaning: LocalText])[] = [
  [
    "id: side-door",
    { zh: "永远不变：它是报警身份的一部分", en: "for ever: it is part of the alarm's identity" },
  ],
  ["version: 2", { zh: "每改一次加一", en: "count up with every change" }],
  ["priority: 3", { zh: "1 红，2 橙，3 黄，4 蓝", en: "1 red, 2 orange, 3 yellow, 4 blue" }],
  [
    "selector: { class: [access-gate], within: [990100/990102/qiyun-no1] }",
    { zh: "监视哪些设备：类别、场所、能力", en: "which devices: classes, places, capabilities" },
  ],
  [
    "condition: { state: { metric: Door/Open, is: [true] } }",
    { zh: "值等于其中之一", en: "the value is one of these" },
  ],
  [
    "condition: { threshold: { metric: Environment/Co2, above: 1500, deadband: 100 } }",
    { zh: "超过限值；回落到死区以内才解除", en: "beyond a limit; over when back by the deadband" },
  ],
  [
    "condition: { unreachable: {} }",
    { zh: "设备或边缘盒失联", en: "the device or its box cannot be reached" },
  ],
  ["condition: { absent: { for: 10m } }", { zh: "这么久没有任何消息", en: "nothing came for so long" }],
  [
    "condition: { event: { name: Access/Denied, atLeast: 5, within: 60s } }",
    { zh: "时间窗内发生这么多次", en: "so many events within the window" },
  ],
  ["condition: { all: [ {…}, { not: {…} } ] }", { zh: "组合：all、any、not", en: "combined: all, any, not" }],
  [
    "onDelay: 5m",
    { zh: "成立这么久才报警（ms、s、m、h、d）", en: "true for so long first (ms, s, m, h, d)" },
  ],
  [
    "schedule: { outside: [closed] }",
    { zh: "校历时段之内或之外", en: "inside or outside of windows of the calendar" },
  ],
  ["latching: true", { zh: "一键报警与消防：须人工复位", en: "panic and fire: a person has to reset it" }],
  [
    "card: { cause: {…}, consequence: {…}, action: {…} }",
    { zh: "处置卡，中英文", en: "the action card in both languages" },
  ],
];

export function WritingHelp() {
  const { local } = useSpeech();
  const { editor: words } = useWords(RULE_WORDS);
  return (
    <details>
      <summary>{words.help}</summary>
      <TableFrame label={words.help}>
        <table className="table">
          <tbody>
            {FIELDS.map(([example, meaning]) => (
              <tr key={example}>
                <th scope="row">
                  <code>{example}</code>
                </th>
                <td>{local(meaning)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
    </details>
  );
}

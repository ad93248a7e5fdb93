/**
 * Puts the Prometheus texts of several processes together into one: the format wants each family once, with all of its
 * samples behind it. (Text exposition format 0.0.4.)
 */
export function mergeExpositions(texts: Iterable<string>): string {
  const families = new Map<string, { readonly head: string[]; readonly samples: string[] }>();
  for (const text of texts) {
    let family = "";
    for (const line of text.split("\n")) {
      if (line === "") continue;
      const comment = /^# (HELP|TYPE) (\S+)/.exec(line);
      if (comment?.[2] !== undefined) family = comment[2];
      else if (line.startsWith("#")) continue;
      const entry = families.get(family) ?? { head: [], samples: [] };
      families.set(family, entry);
      if (comment === null) entry.samples.push(line);
      else if (!entry.head.some((each) => each.startsWith(comment[0]))) entry.head.push(line);
    }
  }
  const lines = [...families.values()].flatMap(({ head, samples }) => [...head, ...samples]);
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

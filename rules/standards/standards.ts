/** Standards, put together: packs, what people declared, and what the hub knows. */

import { basename } from "node:path";
import {
  type AssetPath,
  type LocalText,
  type Site,
  siteZone,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import { formatProblem, type Log, Problem } from "@campus-ops/service";
import type { DatabaseFile } from "@campus-ops/service/database";
import { declarable, type StandardPack } from "../core/standards/pack.ts";
import { reportOn } from "../core/standards/report.ts";
import { signingKey } from "../evidence/signing-key.ts";
import type { AskIngest } from "../feed/ask-ingest.ts";
import type { RulesStore } from "../store/rules-store.ts";
import type { UseFigures } from "../use/figures.ts";
import type { DeclarationView, NewDeclaration, StandardReport, StandardView, VerdictChange } from "./api.ts";
import { gather, type Sources } from "./gather.ts";
import { loadStandards } from "./load.ts";
import { sealedReport } from "./page.ts";
import { StandardsStore } from "./standards-store.ts";

export interface StandardsOptions {
  /** Where verdicts and declarations are kept. */
  readonly file: DatabaseFile;
  /** A bureau's own standards. */
  readonly folder: string;
  readonly site: Site;
  readonly campusPath: (campus: string) => AssetPath;
  readonly ask: AskIngest;
  readonly use: UseFigures;
  readonly links: Sources["links"];
  readonly rules: Pick<RulesStore, "lastRang">;
  readonly keyFile: string;
  readonly log: Log;
  readonly now: () => Timestamp;
}

interface Asked {
  readonly campus: string;
  readonly from: Timestamp;
  readonly to: Timestamp;
}

/** What is asked for and is not there is a {@link Problem} 404. */
export class Standards {
  readonly #options: StandardsOptions;
  readonly #packs: ReadonlyMap<string, StandardPack>;
  readonly #store: StandardsStore;

  constructor(options: StandardsOptions) {
    this.#options = options;
    const packs = loadStandards(options.folder, ({ problems }) => {
      const said = problems.map((problem) => formatProblem(problem));
      options.log.error(
        { file: basename(problems[0]?.file ?? ""), problems: said },
        "a standard is wrong and left out; mend it and start again",
      );
    });
    this.#packs = new Map(packs.map((pack) => [pack.id, pack]));
    this.#store = new StandardsStore(options.file);
  }

  list(): readonly StandardView[] {
    return [...this.#packs.values()].map((pack) => {
      const { id, title, source, total, examinedEvery } = pack;
      const titles = titlesOf(pack);
      const said = [...declarable(pack)].map(([about, kind]) => ({
        about,
        kind,
        title: titles.get(about) ?? title,
      }));
      return { id, title, source, total, examinedEvery, declarable: said };
    });
  }

  async report(id: string, asked: Asked): Promise<StandardReport> {
    const pack = this.#pack(id);
    this.#campus(asked.campus);
    const { campusPath, now } = this.#options;
    const examined = { ...asked, path: campusPath(asked.campus), at: now() };
    const report = reportOn(pack, examined, await gather(pack, examined, this.#sources()));
    this.#store.remember(report);
    return report;
  }

  async page(id: string, asked: Asked, by: string): Promise<string> {
    return (await this.examined(id, asked, by)).page;
  }

  /** A report, and the same to keep: signed, with who asked for it. */
  async examined(
    id: string,
    asked: Asked,
    by: string,
  ): Promise<{ readonly report: StandardReport; readonly page: string }> {
    const { site, keyFile } = this.#options;
    const report = await this.report(id, asked);
    const campus = this.#campus(asked.campus);
    const { timeZone } = site;
    const zoned = timeZone === undefined ? {} : { timeZone };
    const page = sealedReport(
      { hub: site.city.title, campus, ...zoned, exportedBy: by, report },
      signingKey(keyFile),
    );
    return { report, page };
  }

  /** Whether those who are asked for evidence answer now. */
  async isAnswered(): Promise<boolean> {
    return (await this.#options.ask("/retention")) !== undefined;
  }

  history(id: string, campus: string): readonly VerdictChange[] {
    return this.#store.history(this.#pack(id).id, campus);
  }

  declarations(id: string, campus: string): readonly DeclarationView[] {
    return this.#store.declarations(this.#pack(id).id, campus);
  }

  /** {@link Problem} 400 for what only devices may say, and for a value of the wrong kind. */
  declare(id: string, { campus, about, value, evidence, by }: NewDeclaration): DeclarationView {
    const kind = declarable(this.#pack(id)).get(about);
    this.#campus(campus);
    if (kind === undefined)
      throw new Problem(
        400,
        "Bad request",
        `${about} is not for a person to state in ${id}`,
        `标准 ${id} 中的 ${about} 不由人填报`,
      );
    const fits =
      kind === "yes"
        ? typeof value === "boolean"
        : typeof value === "number" && Number.isFinite(value) && value >= 0;
    if (!fits)
      throw new Problem(
        400,
        "Bad request",
        `${about} asks for ${kind === "yes" ? "true or false" : "a number"}`,
        `${about} 应填${kind === "yes" ? "是或否" : "不小于零的数"}`,
      );
    const declaration = { campus, about, value, evidence, by, at: this.#options.now() };
    try {
      this.#store.declare(id, declaration);
    } catch (error) {
      if (error instanceof RangeError)
        throw new Problem(409, "Too many declarations", error.message, "填报数量已达上限，没有保存");
      throw error;
    }
    return declaration;
  }

  close(): void {
    this.#store.close();
  }

  #pack(id: string): StandardPack {
    const pack = this.#packs.get(id);
    if (pack === undefined)
      throw new Problem(404, "No such standard", `there is no standard ${id}`, `没有标准 ${id}`);
    return pack;
  }

  #campus(id: string): LocalText {
    const campus = this.#options.site.counties
      .flatMap(({ campuses }) => campuses)
      .find((each) => each.id === id);
    if (campus === undefined)
      throw new Problem(404, "No such campus", `there is no campus ${id}`, `没有学校 ${id}`);
    return campus.title;
  }

  #sources(): Sources {
    const { ask, links, site, use, rules } = this.#options;
    return {
      ask,
      links,
      zone: siteZone(site),
      rooms: (campus, from, to) => use.figures({ from, to }, campus),
      rang: (rule, from, to) => rules.lastRang(rule, from, to),
      declarations: (standard, campus) => this.#store.inForce(standard, campus),
    };
  }
}

function titlesOf({ facts, items }: StandardPack): ReadonlyMap<string, LocalText> {
  return new Map([
    ...Object.entries(facts),
    ...items.flatMap(({ checks }) => checks.map(({ id, title }) => [id, title] as const)),
  ]);
}

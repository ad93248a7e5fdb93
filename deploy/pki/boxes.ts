/** What a person does about boxes from the console: who is in, tokens for those to come, and decisions about those there are. */
import { admitCertificates, deniedFor, TWIN_REASON } from "@campus-ops/broker/deny-list";
import type {
  BoxDecision,
  BoxList,
  BoxState,
  BoxView,
  IssuedBoxes,
  NewBoxes,
  NewSignature,
  SignedFile,
} from "@campus-ops/dashboards/enrolment";
import { identityUri, parseIdentityUri } from "@campus-ops/device-profiles/vocabulary";
import { OperatorError, type Overlay } from "@campus-ops/service";
import { deniedText } from "./attention.ts";
import { deniedFile, type EnrolmentConfiguration, hostOf } from "./configuration.ts";
import { boxIdentity, boxPlan } from "./edge-configuration.ts";
import { TOKEN_HOURS } from "./enrolment.ts";
import type { CertificateRow } from "./enrolment-store.ts";
import type { OpenedEnrolment } from "./open.ts";
import { seedText } from "./seed-file.ts";

const HOUR_MS = 3_600_000;
/** A box renews at two thirds of its certificate's time; one that has not by five sixths is in trouble. */
const ENDING_SHARE = 5 / 6;
/** Asked for at a time: the boxes of a county's schools. */
export const BOXES_ASKED_MAX = 200;

export interface BoxesOptions {
  readonly opened: OpenedEnrolment;
  readonly configuration: EnrolmentConfiguration;
  /** The hub's configuration file: its campuses are read of it anew each time. */
  readonly config: string;
  /** What was changed in the console: a campus that was added takes boxes at once. */
  readonly overlays: () => readonly Overlay[];
  readonly now: () => number;
  /** Whoever keeps a list of boxes has to be told. */
  readonly onChange: () => void;
}

/** Its methods throw {@link OperatorError} for what cannot be done. */
export class Boxes {
  readonly #options: BoxesOptions;

  constructor(options: BoxesOptions) {
    this.#options = options;
  }

  list(): BoxList {
    const { configuration, now, opened } = this.#options;
    const { authority, store } = opened;
    const quarantined = new Set(deniedFor(deniedText(configuration.folder), TWIN_REASON));
    const at = now();
    const views = new Map<string, BoxView>();
    for (const row of store.certificates()) {
      const identity = parseIdentityUri(row.identity);
      if (identity?.role !== "edge" || views.has(row.identity)) continue;
      const { campus, node } = identity;
      const state = stateOf(row, quarantined, at);
      views.set(row.identity, { campus, node, state, notAfter: row.notAfter, way: row.way });
    }
    for (const { expires, identity: uri } of store.openTokens(at)) {
      const identity = parseIdentityUri(uri);
      if (identity?.role !== "edge") continue;
      const { campus, node } = identity;
      views.set(uri, { ...(views.get(uri) ?? { campus, node, state: "invited" }), invitedUntil: expires });
    }
    return { boxes: [...views.values()], hub: this.#hub(), fingerprint: authority.pin };
  }

  issue({ boxes, by }: NewBoxes): IssuedBoxes {
    const { config, configuration, now, opened, overlays } = this.#options;
    const { listen, names } = configuration;
    const issued: IssuedBoxes["issued"][number][] = [];
    const refused: IssuedBoxes["refused"][number][] = [];
    for (const [index, { replaces = false, title, ...words }] of boxes.entries()) {
      try {
        const named = { ...words, title: title && `${title.zh}/${title.en}` };
        const plan = boxPlan(config, configuration, named, overlays());
        const token = opened.enrolment.makeToken({ ...plan, replaces }, by);
        const expires = now() + TOKEN_HOURS * HOUR_MS;
        const { campus, node } = plan.identity;
        const told = { host: names[0], port: listen.port, pin: opened.authority.pin, token, campus, node };
        issued.push({ campus, node, expires, seed: seedText({ ...told, expires }) });
      } catch (error) {
        if (!(error instanceof OperatorError)) throw error;
        refused.push({ index, detail: error.message });
      }
    }
    return { issued, refused };
  }

  approve(campus: string, node: string, { by }: BoxDecision): void {
    this.#options.opened.enrolment.approve(boxIdentity({ campus, node }), by);
  }

  revoke(campus: string, node: string, { by, why = "revoked by hand" }: BoxDecision): void {
    const { onChange, opened } = this.#options;
    if (opened.enrolment.revoke(boxIdentity({ campus, node }), why, by) === 0)
      throw new OperatorError(`${campus}/${node} has no certificate that could be revoked`, {
        zh: `${campus}/${node} 没有可以吊销的证书`,
      });
    onChange();
  }

  /** Somebody has switched the other machine off. If nobody did, both are shut out again within minutes. */
  release(campus: string, node: string, { by }: BoxDecision): void {
    const { configuration, opened } = this.#options;
    const uri = identityUri(boxIdentity({ campus, node }));
    const twins = new Set(deniedFor(deniedText(configuration.folder), TWIN_REASON));
    const serials = opened.store
      .certificates(uri)
      .filter(({ revoked, serial }) => revoked === undefined && twins.has(serial))
      .map(({ serial }) => serial);
    if (serials.length === 0)
      throw new OperatorError(`${campus}/${node} is not shut out`, {
        zh: `${campus}/${node} 没有被拒之门外，无需放行`,
      });
    opened.enrolment.note("release", uri, by);
    admitCertificates(deniedFile(configuration.folder), serials);
  }

  async sign(
    campus: string,
    node: string,
    { by, replaces = false, request, title }: NewSignature,
  ): Promise<SignedFile> {
    const { config, configuration, onChange, opened, overlays } = this.#options;
    const words = { campus, node, title: title && `${title.zh}/${title.en}` };
    const plan = boxPlan(config, configuration, words, overlays());
    const certificate = await opened.enrolment.sign(request, { ...plan, replaces }, by);
    onChange();
    const signed = {
      certificate,
      authority: opened.authority.certificate,
      configuration: plan.configuration,
      enrolmentUrl: `https://${this.#hub()}`,
    };
    return {
      name: `${campus}.${node}.enrolment.json`,
      text: `${JSON.stringify(signed, undefined, 1)}\n`,
    };
  }

  #hub(): string {
    const { listen, names } = this.#options.configuration;
    return `${hostOf(names[0])}:${listen.port}`;
  }
}

function stateOf(
  { approved, asked, notAfter, notBefore, revoked, serial }: CertificateRow,
  quarantined: ReadonlySet<string>,
  at: number,
): BoxState {
  if (revoked !== undefined) return "revoked";
  if (quarantined.has(serial)) return "quarantined";
  if (at > notAfter) return asked !== undefined && approved === undefined ? "waiting" : "ended";
  return at > notBefore + (notAfter - notBefore) * ENDING_SHARE ? "ending" : "good";
}

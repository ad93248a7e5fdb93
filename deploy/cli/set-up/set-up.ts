/** A hub without a configuration: its supervisor shows the page of the first start, and makes the hub that is asked for. */
import { dirname } from "node:path";
import { type Environment, type Log, OperatorError, ownHubTraces } from "@campus-ops/service";
import { machineNames, withLoopback } from "../init.ts";
import { type MadeHub, makeHub, type Named } from "../make-hub.ts";
import { beginClearing, deleteAside, moveAside, ownConfiguration } from "./clearing.ts";
import { type Entered, OPTIONAL } from "./page.ts";
import { serveSetUp } from "./server.ts";

export interface SetUp {
  /** Resolves when a hub was made, and can be started. */
  readonly made: Promise<void>;
  close(): Promise<void>;
}

const NAMES_MAX = 16;
const PORT_MAX = 65_535;

/** Listens; what the demonstration left is deleted from then on. */
export async function beginSetUp(environment: Environment, log: Log): Promise<SetUp> {
  const { promise: made, resolve } = Promise.withResolvers<void>();
  const deleting = Promise.withResolvers<void>();
  const server = await serveSetUp({
    port: environment.httpPort,
    standard: {
      cityCode: "",
      city: "",
      countyCode: "",
      county: "",
      campusId: "",
      campus: "",
      campuses: "",
      edgeRanges: "",
      names: machineNames().join(", "),
      administrator: "admin",
      mqttsPort: "8883",
      enrolmentPort: "8884",
    },
    make: async (entered, password, language) => {
      await deleting.promise;
      clearStrays(environment.data);
      return await makeAsked(environment, entered, password, language);
    },
    made: resolve,
  });
  const complain = (error: unknown): void =>
    log.error(
      { err: error },
      "what is left of the demonstration could not be deleted; the next start tries again",
    );
  deleting.resolve(deleteAside(environment.data).catch(complain));
  return {
    made,
    close: async () => {
      await server.close();
      await deleting.promise;
    },
  };
}

/** A part that outlived its supervisor may have written since; what an earlier attempt made is used by this one. */
function clearStrays(data: string): void {
  if (ownHubTraces(data).length > 0) return;
  beginClearing(data);
  moveAside(data);
}

function makeAsked(
  environment: Environment,
  entered: Entered,
  password: string,
  language: "zh" | "en",
): Promise<MadeHub> {
  const names = entered.names.split(/[,，\s]+/).filter((name) => name !== "");
  const say = (zh: string, en: string): OperatorError => new OperatorError(language === "zh" ? zh : en);
  for (const [field, text] of Object.entries(entered))
    if (text === "" && !(OPTIONAL as ReadonlySet<string>).has(field))
      throw say(`请填写每一项（${field}）`, `every line has to be filled in (${field})`);
  if (names.length > NAMES_MAX)
    throw say(`本机名称最多 ${NAMES_MAX} 个`, `at most ${NAMES_MAX} names for this machine`);
  const port = (text: string): number => {
    const number = Number(text);
    if (Number.isInteger(number) && number >= 1 && number <= PORT_MAX) return number;
    throw say(`端口应为 1 到 ${PORT_MAX}，而不是 ${text}`, `a port is 1 to ${PORT_MAX}, not ${text}`);
  };
  return makeHub(
    {
      folder: dirname(ownConfiguration(environment.data)),
      city: [entered.cityCode, entered.city],
      county: [entered.countyCode, entered.county],
      campuses: [
        [entered.campusId, entered.campus],
        ...moreCampuses(entered.campuses, (text) =>
          say(`其他校区应写成“编号 名称”，而不是 ${text}`, `another campus reads “id name”, not ${text}`),
        ),
      ],
      edgeRanges: entered.edgeRanges === "" ? undefined : entered.edgeRanges,
      names: withLoopback(names),
      administrator: entered.administrator,
      password,
      mqttsPort: port(entered.mqttsPort),
      enrolmentPort: port(entered.enrolmentPort),
    },
    environment,
    language,
  );
}

/** One a line: its id, then its name. */
function moreCampuses(text: string, wrong: (line: string) => OperatorError): readonly Named[] {
  const lines = text
    .split(/\r?\n/)
    .map((each) => each.trim())
    .filter((each) => each !== "");
  return lines.map((each) => {
    const [, id, name] = /^([^\s:：]+)[\s:：]+(.+)$/.exec(each) ?? [];
    if (id === undefined || name === undefined) throw wrong(each);
    return [id, name];
  });
}

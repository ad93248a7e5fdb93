/** What stands in the births and the DATA of an edge agent. */
import { expect } from "vitest";
import { every, some } from "./clauses.ts";
import { BOOLEAN, carriesValue, edge, isNow, isTime, metricsOf, named, sequenced } from "./edge-reading.ts";
import type { EdgeRecording } from "./edge-scenario.ts";
import type { Message, WireMetric } from "./recording.ts";

export const BIRTHS = [
  ...edge(
    "births can be read by an implementation that is not ours",
    `
    message-flow-edge-node-birth-publish-nbirth-payload message-flow-device-birth-publish-dbirth-payload`,
    ({ wire }) =>
      every([...some(wire.sent("NBIRTH")), ...some(wire.sent("DBIRTH"))], ({ payload }) =>
        some(payload.metrics ?? []),
      ),
  ),
  ...edge(
    "every metric of a birth has name, datatype, and a value or is_null and then none",
    `
    topics-nbirth-metrics topics-dbirth-metrics payloads-metric-datatype-req payloads-name-requirement
    operational-behavior-data-publish-nbirth-values operational-behavior-data-publish-dbirth-values`,
    ({ wire }) =>
      every(metricsOf([...some(wire.sent("NBIRTH")), ...some(wire.sent("DBIRTH"))]), (metric) => {
        expect(metric.name).toEqual(expect.stringMatching(/./u));
        expect(metric.datatype).toEqual(expect.any(Number));
        carriesValue(metric);
      }),
  ),
  ...edge(
    "what DATA carries was named in the birth before it",
    `
    topics-nbirth-metric-reqs topics-dbirth-metric-reqs topics-ndata-payload topics-ddata-payload`,
    (recording) => {
      let checked = 0;
      for (const messages of sequenced(recording)) {
        const born = new Map<string, Set<number>>();
        for (const { payload, topic, type } of messages) {
          const scope = topic.replace(/\/(N|D)(BIRTH|DATA|DEATH)\//, "/");
          if (type.endsWith("BIRTH"))
            born.set(scope, new Set(payload.metrics?.map(({ alias = -1 }) => alias)));
          if (type === "DDEATH") born.delete(scope);
          if (!type.endsWith("DATA")) continue;
          for (const { alias = -2 } of some(payload.metrics ?? []))
            expect(born.get(scope)?.has(alias)).toBe(true);
          checked += 1;
        }
      }
      expect(checked).toBeGreaterThan(0);
    },
  ),
  ...edge(
    "NBIRTH has Node Control/Rebirth: Boolean, false, without alias",
    `
    topics-nbirth-rebirth-metric payloads-nbirth-rebirth-req operational-behavior-data-commands-rebirth-name
    operational-behavior-data-commands-rebirth-name-aliases operational-behavior-data-commands-rebirth-datatype
    operational-behavior-data-commands-rebirth-value`,
    ({ wire }) =>
      every(wire.sent("NBIRTH"), (message) => {
        const rebirth = named(message, "Node Control/Rebirth");
        expect(rebirth).toMatchObject({ datatype: BOOLEAN, booleanValue: false });
        expect(rebirth?.alias).toBeUndefined();
      }),
  ),
  ...edge(
    "all metrics of births but the rebirth have an alias beside their name",
    "payloads-alias-birth-requirement",
    ({ wire }) =>
      every(metricsOf(wire.sent("NBIRTH", "DBIRTH")), ({ alias, name }) => {
        if (name !== "Node Control/Rebirth") expect(alias, name).toEqual(expect.any(Number));
      }),
  ),
  ...edge("an alias stands for one metric over the whole node", "payloads-alias-uniqueness", (recording) => {
    every(sequenced(recording), (messages) => {
      const until = messages.findIndex(({ type }, index) => index > 0 && type === "NBIRTH");
      const births = messages
        .slice(0, until < 0 ? undefined : until)
        .filter(({ type }) => type.endsWith("BIRTH"));
      some(metricsOf(births));
      // A device may be born twice in a session, when it shows more than it said at first: its aliases stay its own.
      const owners = new Map<unknown, string>();
      for (const { topic, type, payload } of births) {
        for (const { alias, name } of payload.metrics ?? []) {
          if (alias === undefined || alias === null) continue;
          const owner = `${type === "NBIRTH" ? "" : topic} ${name}`;
          expect(owners.get(alias) ?? owner, `alias ${String(alias)}`).toBe(owner);
          owners.set(alias, owner);
        }
      }
    });
  }),
  ...edge("DATA carries aliases and no names", "payloads-alias-data-cmd-requirement", ({ wire }) =>
    every(metricsOf(wire.sent("NDATA", "DDATA")), ({ alias, name }) => {
      expect(alias).toEqual(expect.any(Number));
      expect(name).toBeUndefined();
    }),
  ),
  ...edge("DATA leaves the datatype out", "payloads-metric-datatype-not-req", ({ wire }) =>
    every(metricsOf(wire.sent("NDATA", "DDATA")), ({ datatype }) => expect(datatype).toBeUndefined()),
  ),
  ...edge(
    "every metric of births and DATA has its time, in milliseconds UTC",
    `
    payloads-name-birth-data-requirement payloads-metric-timestamp-in-UTC payloads-timestamp-in-UTC`,
    ({ wire }) => {
      every(metricsOf(wire.sent("NBIRTH", "DBIRTH", "NDATA", "DDATA")), ({ timestamp }) => isTime(timestamp));
      every(wire.sent("NBIRTH", "DBIRTH", "NDATA", "DDATA"), ({ payload }) => isNow(payload.timestamp));
    },
  ),
  ...edge(
    "metrics that are not historical stand in the order of their times",
    `
    operational-behavior-data-publish-nbirth-order operational-behavior-data-publish-dbirth-order`,
    ({ wire }) =>
      every(wire.sent("NBIRTH", "NDATA", "DBIRTH", "DDATA"), ({ payload }) => {
        const times = some(payload.metrics ?? []).flatMap(({ isHistorical, timestamp = 0 }) =>
          isHistorical === true ? [] : [timestamp],
        );
        expect(times).toEqual(times.toSorted((a, b) => a - b));
      }),
  ),
  ...edge(
    "a datatype is one of the 34 of the specification",
    "payloads-metric-datatype-value-type payloads-metric-datatype-value",
    ({ wire }) =>
      every(metricsOf(wire.sent("NBIRTH", "DBIRTH")), ({ datatype = 0 }) => {
        expect(Number.isInteger(datatype)).toBe(true);
        expect(datatype).toBeGreaterThanOrEqual(1);
        expect(datatype).toBeLessThanOrEqual(34);
      }),
  ),
  ...edge(
    "nothing is said twice: no DATA repeats a device's value without a change of value or quality",
    `
    principles-rbe-recommended operational-behavior-data-publish-nbirth-change operational-behavior-data-publish-dbirth-change`,
    ({ wire }) => {
      const [, ...polls] = some(wire.sent("DDATA"));
      // The door was opened once: of the polls every 100 ms one says so.
      const opened = some(polls).filter(
        ({ payload, topic }) =>
          topic.endsWith("gate-1") && payload.metrics?.some(({ booleanValue }) => booleanValue === true),
      );
      expect(opened.length).toBeLessThan(20);
    },
  ),
  ...edge(
    "no two names differ in case only",
    "case-sensitivity-metric-names case-sensitivity-sparkplug-ids",
    ({ wire }) =>
      every(wire.sent("NBIRTH", "DBIRTH"), ({ payload }) => {
        const names = some(payload.metrics ?? []).map(({ name = "" }) => name.toLowerCase());
        expect(new Set(names).size).toBe(names.length);
      }),
  ),
];

const definitions = (message: Message) =>
  (message.payload.metrics ?? []).filter(({ templateValue }) => templateValue?.isDefinition === true);
const instances = ({ wire }: EdgeRecording, ...types: string[]) =>
  metricsOf(wire.sent(...types)).flatMap(({ isNull, templateValue }) =>
    isNull !== true && templateValue?.isDefinition === false ? [templateValue] : [],
  );
const definedIn = ({ wire }: EdgeRecording) =>
  new Map(
    wire
      .sent("NBIRTH")
      .flatMap((message) =>
        definitions(message).map(({ name = "", templateValue }) => [name, templateValue] as const),
      ),
  );
const members = (template: { readonly metrics?: readonly WireMetric[] } | undefined) =>
  (template?.metrics ?? []).map(({ name }) => name).toSorted();
const properties = ({ wire }: EdgeRecording) =>
  metricsOf(wire.sent("NBIRTH", "DBIRTH", "NDATA", "DDATA")).flatMap(({ properties: set }) =>
    set === undefined ? [] : [set],
  );

export const TEMPLATES = [
  ...edge(
    "NBIRTH has the definition of every template that is used",
    "topics-nbirth-templates payloads-template-definition-nbirth",
    (recording) => {
      const defined = definedIn(recording);
      every(instances(recording, "NBIRTH", "DBIRTH", "NDATA", "DDATA"), ({ templateRef = "" }) =>
        expect(defined.has(templateRef), templateRef).toBe(true),
      );
    },
  ),
  ...edge("definitions stand in NBIRTH alone", "payloads-template-definition-nbirth-only", (recording) => {
    some([...definedIn(recording)]);
    const elsewhere = recording.wire
      .sent("DBIRTH", "NDATA", "DDATA")
      .flatMap((message) => definitions(message));
    expect(elsewhere).toEqual([]);
  }),
  ...edge(
    "a definition says that it is one and refers to none",
    `
    payloads-template-definition-is-definition payloads-template-is-definition-definition payloads-template-definition-ref
    payloads-template-ref-definition`,
    (recording) =>
      every([...definedIn(recording).values()], (template) => {
        expect(template?.isDefinition).toBe(true);
        expect(template?.templateRef).toBeUndefined();
      }),
  ),
  ...edge(
    "an instance says that it is none, and of which definition",
    `
    payloads-template-instance-is-definition payloads-template-is-definition-instance payloads-template-instance-ref
    payloads-template-ref-instance`,
    (recording) =>
      every(instances(recording, "NBIRTH", "DBIRTH", "NDATA", "DDATA"), ({ isDefinition, templateRef }) => {
        expect(isDefinition).toBe(false);
        expect(templateRef).toEqual(expect.stringMatching(/./u));
      }),
  ),
  ...edge("every template says whether it is a definition", "payloads-template-is-definition", ({ wire }) =>
    every(
      metricsOf(wire.sent("NBIRTH", "DBIRTH", "NDATA", "DDATA")).flatMap(({ templateValue }) =>
        templateValue === undefined ? [] : [templateValue],
      ),
      ({ isDefinition }) => expect(isDefinition).toEqual(expect.any(Boolean)),
    ),
  ),
  ...edge(
    "an instance has no member that its definition does not have",
    `
    payloads-template-definition-members payloads-template-instance-members payloads-template-instance-members-data`,
    (recording) => {
      const defined = definedIn(recording);
      every(instances(recording, "NBIRTH", "DBIRTH", "NDATA", "DDATA"), (template) =>
        expect(members(defined.get(template.templateRef ?? ""))).toEqual(
          expect.arrayContaining(members(template)),
        ),
      );
    },
  ),
  ...edge(
    "an instance in a birth has all members of its definition",
    "payloads-template-instance-members-birth",
    (recording) => {
      const defined = definedIn(recording);
      every(instances(recording, "NBIRTH", "DBIRTH"), (template) =>
        expect(members(template)).toEqual(members(defined.get(template.templateRef ?? ""))),
      );
    },
  ),
  ...edge(
    "a property set has as many values as keys",
    "payloads-propertyset-keys-array-size payloads-propertyset-values-array-size",
    (recording) =>
      every(properties(recording), ({ keys, values }) =>
        expect(some(values ?? [])).toHaveLength(keys?.length ?? -1),
      ),
  ),
  ...edge(
    "a property value has a datatype",
    `
    payloads-metric-propertyvalue-type-type payloads-metric-propertyvalue-type-value payloads-metric-propertyvalue-type-req`,
    (recording) =>
      every(
        properties(recording).flatMap(({ values = [] }) => values),
        ({ type = 0 }) => {
          expect(Number.isInteger(type)).toBe(true);
          expect((type >= 1 && type <= 14) || type === 20 || type === 21).toBe(true);
        },
      ),
  ),
  ...edge(
    "Quality is an Int32 of 0, 192 or 500",
    "payloads-propertyset-quality-value-type payloads-propertyset-quality-value-value",
    (recording) =>
      every(
        properties(recording).flatMap(({ keys = [], values = [] }) =>
          keys.flatMap((key, index) => (key === "Quality" ? [values[index]] : [])),
        ),
        (value) => {
          expect(value?.type).toBe(3);
          expect([0, 192, 500]).toContain(value?.intValue);
        },
      ),
  ),
];

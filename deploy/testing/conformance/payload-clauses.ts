/** What DataSets and template parameters must look like on the wire. */
import { expect } from "vitest";
import { type Clause, clauses, every, some } from "./clauses.ts";
import type { PayloadRecording } from "./payload-scenario.ts";
import type { WireTemplate } from "./recording.ts";

const payload = (
  says: string,
  ids: string,
  check: (recording: PayloadRecording) => void,
): readonly Clause<PayloadRecording>[] => clauses(says, ids.trim().split(/\s+/), check);

/** The basic datatypes of chapter 6.4.16: what a cell of a DataSet or a parameter can hold. */
const BASIC = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14];
const CELLS = ["intValue", "longValue", "floatValue", "doubleValue", "booleanValue", "stringValue"];

const metrics = ({ wire }: PayloadRecording) =>
  some(wire.sent("NBIRTH", "NDATA")).flatMap(({ payload: { metrics: all = [] } }) => all);
const templates = (recording: PayloadRecording): readonly WireTemplate[] =>
  metrics(recording).flatMap(({ templateValue }) => (templateValue === undefined ? [] : [templateValue]));
const dataSets = (recording: PayloadRecording) =>
  [...metrics(recording), ...templates(recording).flatMap(({ metrics: members = [] }) => members)].flatMap(
    ({ datasetValue }) => (datasetValue === undefined ? [] : [datasetValue]),
  );
const parameters = (recording: PayloadRecording) =>
  some(templates(recording)).flatMap(({ parameters: all }) => some(all ?? []));
const isType = (type: unknown): void => {
  expect(Number.isInteger(type)).toBe(true);
  expect(BASIC).toContain(type);
};
const hasOneValue = (holder: Readonly<Record<string, unknown>>): void =>
  expect(CELLS.filter((field) => holder[field] !== undefined)).toHaveLength(1);

export const PAYLOAD_CLAUSES: readonly Clause<PayloadRecording>[] = [
  ...payload("a DataSet says how many columns it has", "payloads-dataset-column-size", (recording) =>
    every(dataSets(recording), ({ columns, numOfColumns }) =>
      expect(numOfColumns).toBe(columns?.length ?? -1),
    ),
  ),
  ...payload(
    "a DataSet has as many headers as types",
    "payloads-dataset-column-num-headers payloads-dataset-types-num",
    (recording) =>
      every(dataSets(recording), ({ columns, types }) =>
        expect(some(types ?? [])).toHaveLength(columns?.length ?? -1),
      ),
  ),
  ...payload(
    "a DataSet has the datatype of each column",
    `
    payloads-dataset-types-def payloads-dataset-types-type payloads-dataset-types-value payloads-dataset-parameter-type-req`,
    (recording) => every(dataSets(recording), ({ types = [] }) => every(types, isType)),
  ),
  ...payload(
    "a cell of a DataSet is one scalar, and a row has one for each column",
    "payloads-template-dataset-value",
    (recording) =>
      every(dataSets(recording), ({ columns, rows = [] }) =>
        every(rows, ({ elements = [] }) => {
          expect(elements).toHaveLength(columns?.length ?? -1);
          every(elements, hasOneValue);
        }),
      ),
  ),
  ...payload("a template's version is text", "payloads-template-version", (recording) =>
    every(templates(recording), ({ version }) => expect(version).toBe("1.2")),
  ),
  ...payload(
    "an instance has no parameter that its definition does not have",
    `
    payloads-template-definition-parameters payloads-template-definition-parameters-default payloads-template-instance-parameters`,
    (recording) => {
      const definition = templates(recording).find(({ isDefinition }) => isDefinition === true);
      const known = some(definition?.parameters ?? []).map(({ name }) => name);
      every(
        templates(recording).filter(({ isDefinition }) => isDefinition === false),
        ({ parameters: own = [] }) =>
          expect(known).toEqual(expect.arrayContaining(own.map(({ name }) => name))),
      );
    },
  ),
  ...payload(
    "a parameter has a name",
    "payloads-template-parameter-name-required payloads-template-parameter-name-type",
    (recording) =>
      every(parameters(recording), ({ name }) => expect(name).toEqual(expect.stringMatching(/./u))),
  ),
  ...payload(
    "a parameter has a datatype, and it is a basic one",
    `
    payloads-template-parameter-value-type payloads-template-parameter-type-value payloads-template-parameter-type-req`,
    (recording) => every(parameters(recording), ({ type }) => isType(type)),
  ),
  ...payload("a parameter's value is one scalar", "payloads-template-parameter-value", (recording) =>
    every(parameters(recording), hasOneValue),
  ),
];

/** Data sets (chapter 6.4.12): a table whose columns have a type each. */
import { DataType } from "@campus-ops/device-profiles/vocabulary";
import type { DataSet, Scalar } from "./payload.ts";
import { agreeScalar, type PayloadReader, readScalar, UNKNOWN } from "./payload-reader.ts";
import { CELL_SCALARS, DATASET, ROW } from "./wire.ts";

export function readDataSet(reader: PayloadReader): DataSet {
  const start = reader.position;
  const end = reader.delimited();
  const columns: string[] = [];
  const types: number[] = [];
  const rawRows: Scalar[][] = [];
  let columnCount: number | undefined;
  while (reader.position < end) {
    const tag = reader.uint32();
    switch (tag) {
      case DATASET.columnCount:
        columnCount = reader.safeInteger("a number of columns");
        break;
      case DATASET.columns:
        reader.element();
        columns.push(reader.string());
        break;
      case DATASET.types:
        reader.element();
        types.push(reader.uint32());
        break;
      case DATASET.typesPacked: {
        const packedEnd = reader.delimited();
        while (reader.position < packedEnd) {
          reader.element();
          types.push(reader.uint32());
        }
        reader.finish(packedEnd);
        break;
      }
      case DATASET.rows:
        rawRows.push(readRow(reader));
        break;
      default:
        reader.skip(tag);
    }
  }
  reader.finish(end);
  if (columns.length !== types.length || (columnCount ?? columns.length) !== columns.length) {
    const shape = `${columnCount ?? "no"} columns, ${columns.length} headers and ${types.length} types`;
    reader.fail("invalid-dataset", `a data set of ${shape}`, start);
  }
  const known = types.map((type) => (type > DataType.DateTimeArray ? UNKNOWN : (type as DataType)));
  const rows = rawRows.map((row) => {
    if (row.length !== known.length) {
      reader.fail("invalid-dataset", `a row of ${row.length} cells under ${known.length} columns`, start);
    }
    return row.map((cell, index) => {
      const { value, datatype } = agreeScalar(cell, known[index] ?? UNKNOWN);
      // A column has one type for all of its rows, so a cell of another one cannot be handed on.
      if (datatype !== known[index])
        reader.fail("invalid-dataset", "a cell that is not of its column's type", start);
      return value;
    });
  });
  return { kind: "dataset", columns, types: known, rows };
}

function readRow(reader: PayloadReader): Scalar[] {
  reader.element();
  const end = reader.delimited();
  const cells: Scalar[] = [];
  while (reader.position < end) {
    const tag = reader.uint32();
    if (tag === ROW.elements) cells.push(readCell(reader));
    else reader.skip(tag);
  }
  reader.finish(end);
  return cells;
}

function readCell(reader: PayloadReader): Scalar {
  reader.element();
  const end = reader.delimited();
  let raw: Scalar = null;
  while (reader.position < end) {
    const tag = reader.uint32();
    const scalar = readScalar(reader, tag, CELL_SCALARS);
    if (scalar === undefined) reader.skip(tag);
    else raw = scalar;
  }
  reader.finish(end);
  return raw;
}

import { CampusId, type Site } from "@campus-ops/device-profiles/vocabulary";
import { describe, expect, test } from "vitest";
import { COUNTIES_MAX, siteChanges, siteProblems, TITLE_CHARACTERS_MAX } from "./site-change.ts";

const title = (zh: string, en = zh) => ({ zh, en });
const campus = (id: string, more: object = {}) => ({ id: CampusId(id), title: title(id), ...more });
const county = (code: string, ...ids: string[]) => ({
  code,
  title: title(code),
  campuses: ids.map((id) => campus(id)),
});
const SITE: Site = {
  city: { code: "990100", title: title("临岚市") },
  counties: [county("990102", "no1", "no2"), county("990121", "third")],
};
const standing = { site: SITE, inUse: new Set(["no1"]), reportsAbove: false };
const fields = (next: Site, more: object = {}) =>
  siteProblems(next, { ...standing, ...more }).map(({ field }) => field);

describe("a change of the tree", () => {
  test("of names, places and campuses that are added is taken", () => {
    const [first, ...others] = SITE.counties;
    const named = campus("no1", {
      title: title("新校名"),
      places: { a: title("教学楼"), "a/3/301": title("301") },
    });
    const next = {
      ...SITE,
      counties: [
        { ...county("990102", "no1", "no2", "no3"), campuses: [named, campus("no2"), campus("no3")] },
        ...others,
        county("990122"),
      ],
    };
    expect(first?.code).toBe("990102");
    expect(siteProblems(next, standing)).toEqual([]);
  });

  test("may take away a campus that nothing was ever heard of, and no other", () => {
    expect(fields({ ...SITE, counties: [county("990102", "no1"), county("990121", "third")] })).toEqual([]);
    expect(fields({ ...SITE, counties: [county("990102", "no2"), county("990121", "third")] })).toEqual([
      "counties",
    ]);
  });

  test("may not move a campus in use to another county, nor renumber the city", () => {
    const moved = { ...SITE, counties: [county("990102", "no2"), county("990121", "third", "no1")] };
    expect(fields(moved)).toEqual(["counties"]);
    expect(fields({ ...SITE, city: { ...SITE.city, code: "990000" } })).toEqual(["city.code"]);
  });

  test("of a hub that reports to one above keeps the place that it is known by", () => {
    const single: Site = { ...SITE, counties: [county("990102", "no1")] };
    const more: Site = { ...SITE, counties: [county("990102", "no1", "no2")] };
    expect(fields(more, { site: single, reportsAbove: true })).toEqual(["counties"]);
    expect(fields(more, { site: single })).toEqual([]);
    expect(
      fields(
        { ...single, city: { ...single.city, title: title("新名") } },
        { site: single, reportsAbove: true },
      ),
    ).toEqual([]);
  });
});

describe("codes", () => {
  test("of counties lie within the city, a municipality's included", () => {
    expect(fields({ ...SITE, counties: [...SITE.counties, county("110101")] })).toEqual(["counties.2.code"]);
    expect(fields({ ...SITE, counties: [...SITE.counties, county("990100")] })).toEqual(["counties.2.code"]);
    const beijing: Site = {
      city: { code: "110000", title: title("北京市") },
      counties: [county("110101", "no1")],
    };
    expect(fields(beijing, { site: beijing })).toEqual([]);
  });

  test("are given once, across counties too", () => {
    const next = {
      ...SITE,
      counties: [county("990102", "no1", "no2"), county("990121", "no2"), county("990102")],
    };
    expect(fields(next)).toEqual(["counties.1.campuses.0.id", "counties.2.code"]);
  });

  test("of places go three levels below the campus, and no further", () => {
    const places = { "a/3/301": title("301"), "a/3/301/x": title("x"), "A 楼": title("A") };
    const next = { ...SITE, counties: [{ ...county("990102"), campuses: [campus("no1", { places })] }] };
    expect(siteProblems(next, standing).map(({ field, en }) => [field, en.split("”")[0]])).toEqual([
      ["counties.0.campuses.0.places", "“a/3/301/x"],
      ["counties.0.campuses.0.places", "“A 楼"],
    ]);
  });
});

test("names are neither empty nor longer than a page can show, and counties no more than it can list", () => {
  const [first] = SITE.counties;
  const long = title("长".repeat(TITLE_CHARACTERS_MAX + 1), "long");
  const next = {
    city: { ...SITE.city, title: title(" ") },
    counties: [{ ...county("990102", "no1"), title: long }],
  };
  expect(first).toBeDefined();
  expect(fields(next)).toEqual(["city.title", "counties.0.title"]);
  const many = Array.from({ length: COUNTIES_MAX + 1 }, (_, n) =>
    n === 0 ? county("990102", "no1") : county(`9901${n}`),
  );
  expect(fields({ ...SITE, counties: many })).toContain("counties");
});

test("a change is told as what came, what went and what is called otherwise", () => {
  const [first, second] = SITE.counties;
  const renamed = { ...county("990121"), title: title("新县") };
  const named = { ...campus("no1"), places: { a: title("教学楼") } };
  const next = {
    ...SITE,
    counties: [{ ...county("990102", "no1", "no3"), campuses: [named, campus("no3")] }, renamed],
  };
  expect([first?.code, second?.code]).toEqual(["990102", "990121"]);
  expect(siteChanges(SITE, next)).toEqual({
    added: ["990100/990102/no1/a", "990100/990102/no3"],
    removed: ["990100/990102/no2", "990100/990121/third"],
    renamed: [{ place: "990100/990121", before: title("990121"), after: title("新县") }],
  });
  expect(siteChanges(SITE, SITE)).toEqual({ added: [], removed: [], renamed: [] });
});

/** One figure or a few that belong together; times in milliseconds, sizes in bytes, as the names say. */
export type Result = Readonly<Record<string, string | number | boolean | null>>;

export type Report = (result: Result) => void;

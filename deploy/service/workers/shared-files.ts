/**
 * Files that are the same at all workers and at the console, because people write them at a console: settings and rule packs of their own.
 * PostgreSQL has them, with a number that each change counts up; a worker has a copy in its data folder. Settings hold secrets:
 * where workers have a token, what PostgreSQL keeps of them is sealed with a key that is made of it.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { OperatorError } from "../lifecycle.ts";
import { Problem } from "../problem.ts";
import { MAKING_LOCK } from "./leases.ts";
import { inTransaction, type Postgres } from "./postgres.ts";

/** In the data folder, with all that is in them. */
const SHARED_FOLDERS = ["settings", "rule-packs"];
export const SHARED_FILES_MAX = 10_000;
export const SHARED_FILE_BYTES_MAX = 8 * 1_048_576;
/** What is here and nowhere else is put aside into this folder, and not deleted. */
const ASIDE = "not-shared";

const CIPHER = "aes-256-gcm";
const IV_BYTES = 12;
const TAG_BYTES = 16;
const OPEN = 0;
const SEALED = 1;

const TABLES = `
  CREATE SCHEMA IF NOT EXISTS campus_ops;
  CREATE TABLE IF NOT EXISTS campus_ops.shared_files (
    path text PRIMARY KEY, content bytea NOT NULL);
  CREATE TABLE IF NOT EXISTS campus_ops.shared_revision (id integer PRIMARY KEY CHECK (id = 1), revision bigint NOT NULL);
`;

export interface SharedFilesOptions {
  readonly postgres: Postgres;
  readonly data: string;
  /** What workers show each other; without one what is kept is not sealed. */
  readonly token?: string | undefined;
}

export class SharedFiles {
  readonly #options: SharedFilesOptions;
  readonly #key: Buffer | undefined;
  #revision = 0;
  /** As they were when this worker and PostgreSQL last agreed: what is different here was written here since. */
  #agreed: ReadonlyMap<string, Buffer> | undefined;

  private constructor(options: SharedFilesOptions) {
    this.#options = options;
    const { token } = options;
    this.#key =
      token === undefined
        ? undefined
        : Buffer.from(hkdfSync("sha256", token, "", "campus-ops shared files", 32));
  }

  /**
   * Brings the folders to what all have; the first worker of all brings what it has. Throws {@link OperatorError} where what is
   * kept was sealed with another token.
   */
  static async open(options: SharedFilesOptions): Promise<SharedFiles> {
    const files = new SharedFiles(options);
    await inTransaction(options.postgres, async (connection) => {
      await connection.query("SELECT pg_advisory_xact_lock($1)", [MAKING_LOCK]);
      await connection.query(TABLES);
    });
    if ((await files.#newest()) === 0) await files.publish().catch(ignoreConflict);
    await files.pull();
    return files;
  }

  /** Takes over what others have changed. Answers with the paths that are different now. */
  async pull(): Promise<readonly string[]> {
    const { data, postgres } = this.#options;
    const kept = await inTransaction(
      postgres,
      async (connection) => {
        const { rows } = await connection.query<{ path: string; content: Buffer }>(
          "SELECT path, content FROM campus_ops.shared_files",
        );
        const told = await connection.query<{ revision: string }>(
          "SELECT revision FROM campus_ops.shared_revision",
        );
        return { rows, revision: Number(told.rows[0]?.revision ?? 0) };
      },
      "ISOLATION LEVEL REPEATABLE READ READ ONLY",
    );
    const here = this.#here();
    const agreed = new Map(kept.rows.map(({ content, path }) => [path, this.#opened(content, path)]));
    // What is being written here just now is told to the others, and not taken back.
    const written = this.#agreed === undefined ? new Set<string>() : changedIn(this.#agreed, here);
    const changed: string[] = [];
    for (const [path, text] of agreed) {
      if (written.has(path) || here.get(path)?.equals(text) === true) continue;
      changed.push(path);
      writeWhole(this.#inside(path), text);
    }
    for (const path of here.keys()) {
      if (agreed.has(path) || written.has(path)) continue;
      changed.push(path);
      // A secret that was replaced is not kept.
      if (path.startsWith(`settings${sep}`)) {
        rmSync(join(data, path));
        continue;
      }
      const aside = join(data, ASIDE, path);
      mkdirSync(dirname(aside), { recursive: true, mode: 0o700 });
      renameSync(join(data, path), aside);
    }
    this.#revision = kept.revision;
    this.#agreed = agreed;
    return changed;
  }

  /** Tells the others what has changed here; nothing where nothing has. Throws a {@link Problem} 409 where another one was quicker. */
  async publish(): Promise<void> {
    const here = this.#here();
    if (here.size > SHARED_FILES_MAX)
      throw new Problem(
        413,
        "Too many files",
        `${here.size} files are more than ${SHARED_FILES_MAX}`,
        `文件有 ${here.size} 个，最多 ${SHARED_FILES_MAX} 个，没有保存`,
      );
    for (const [path, { length }] of here)
      if (length > SHARED_FILE_BYTES_MAX)
        throw new Problem(
          413,
          "Too large",
          `${path} has more than ${SHARED_FILE_BYTES_MAX} bytes`,
          `${path} 超过 ${SHARED_FILE_BYTES_MAX} 字节，没有保存`,
        );
    const agreed = this.#agreed ?? new Map<string, Buffer>();
    const written = [...changedIn(agreed, here)];
    if (written.length === 0 && this.#revision > 0) return;
    const seen = this.#revision;
    const revision = await inTransaction(this.#options.postgres, async (connection) => {
      await connection.query("SELECT pg_advisory_xact_lock($1)", [MAKING_LOCK]);
      const { rows } = await connection.query<{ path: string; content: Buffer }>(
        "SELECT path, content FROM campus_ops.shared_files WHERE path = ANY ($1::text[])",
        [written],
      );
      const kept = new Map(rows.map(({ content, path }) => [path, this.#opened(content, path)]));
      for (const path of written)
        if (!isSame(kept.get(path), agreed.get(path)))
          throw new Problem(
            409,
            "Changed meanwhile",
            "somebody has changed it at another worker; load it again",
            "别人刚在另一个工作进程改过，请重新打开再改",
          );
      await connection.query("DELETE FROM campus_ops.shared_files WHERE path = ANY ($1::text[])", [written]);
      for (const path of written) {
        const content = here.get(path);
        if (content !== undefined)
          await connection.query("INSERT INTO campus_ops.shared_files VALUES ($1, $2)", [
            path,
            this.#sealed(content, path),
          ]);
      }
      const counted = await connection.query<{ revision: string }>(
        `INSERT INTO campus_ops.shared_revision VALUES (1, 1)
         ON CONFLICT (id) DO UPDATE SET revision = shared_revision.revision + 1 RETURNING revision`,
      );
      return Number(counted.rows[0]?.revision);
    }).catch(async (error: unknown) => {
      if (!(error instanceof Problem)) throw error;
      // What was quicker counts here as well.
      this.#agreed = here;
      await this.pull();
      throw error;
    });
    // Where others were there in between, theirs are still to be taken over.
    if (revision === seen + 1) this.#revision = revision;
    const now = new Map(agreed);
    for (const path of written) {
      const content = here.get(path);
      if (content === undefined) now.delete(path);
      else now.set(path, content);
    }
    this.#agreed = now;
  }

  /** Others have changed something since. */
  async isBehind(): Promise<boolean> {
    return (await this.#newest()) !== this.#revision;
  }

  async #newest(): Promise<number> {
    const { rows } = await this.#options.postgres.query<{ revision: string }>(
      "SELECT revision FROM campus_ops.shared_revision",
    );
    return Number(rows[0]?.revision ?? 0);
  }

  #here(): ReadonlyMap<string, Buffer> {
    const { data } = this.#options;
    const found = new Map<string, Buffer>();
    for (const folder of SHARED_FOLDERS) {
      const at = join(data, folder);
      const entries = existsSync(at) ? readdirSync(at, { recursive: true, withFileTypes: true }) : [];
      for (const each of entries) {
        const file = join(each.parentPath, each.name);
        if (each.isFile() && !each.name.endsWith(".new")) found.set(relative(data, file), readFileSync(file));
      }
    }
    return found;
  }

  /** What PostgreSQL says of a path is not trusted with the rest of the disk. */
  #inside(path: string): string {
    const { data } = this.#options;
    const file = resolve(data, path);
    if (!SHARED_FOLDERS.some((folder) => file.startsWith(resolve(data, folder) + sep)))
      throw new OperatorError(
        `campus_ops.shared_files names ${path}, which is in none of ${SHARED_FOLDERS.join(", ")}`,
      );
    return file;
  }

  #sealed(content: Buffer, path: string): Buffer {
    if (this.#key === undefined) return Buffer.concat([Buffer.of(OPEN), content]);
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, this.#key, iv).setAAD(Buffer.from(path));
    const sealed = Buffer.concat([cipher.update(content), cipher.final()]);
    return Buffer.concat([Buffer.of(SEALED), iv, cipher.getAuthTag(), sealed]);
  }

  #opened(kept: Buffer, path: string): Buffer {
    if (kept[0] === OPEN) return kept.subarray(1);
    const begin = 1 + IV_BYTES + TAG_BYTES;
    try {
      if (this.#key === undefined) throw new Error("there is no token");
      const decipher = createDecipheriv(CIPHER, this.#key, kept.subarray(1, 1 + IV_BYTES))
        .setAAD(Buffer.from(path))
        .setAuthTag(kept.subarray(1 + IV_BYTES, begin));
      return Buffer.concat([decipher.update(kept.subarray(begin)), decipher.final()]);
    } catch {
      throw new OperatorError(
        `${path} in PostgreSQL was sealed with another token: give all workers the same relational.tokenFile, or, to begin with what hub.yaml says, empty campus_ops.shared_files and campus_ops.shared_revision`,
      );
    }
  }
}

function writeWhole(file: string, content: Buffer): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, content, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

function ignoreConflict(error: unknown): void {
  if (!(error instanceof Problem && error.status === 409)) throw error;
}

function changedIn(
  agreed: ReadonlyMap<string, Buffer>,
  here: ReadonlyMap<string, Buffer>,
): ReadonlySet<string> {
  const paths = new Set([...agreed.keys(), ...here.keys()]);
  return new Set([...paths].filter((path) => !isSame(agreed.get(path), here.get(path))));
}

const isSame = (a: Buffer | undefined, b: Buffer | undefined): boolean =>
  a === undefined || b === undefined ? a === b : a.equals(b);

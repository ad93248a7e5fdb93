/**
 * Plays a box's update service by its contract (deploy/image/README.md), below a folder of the test's own: the real one needs
 * a machine that starts from two places. It is moved on by the test, state by state.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { dirname } from "node:path";
import type { LocalText } from "@campus-ops/device-profiles/vocabulary";
import { updatePlaces } from "@campus-ops/edge-agent/update";

export class PlayedService implements AsyncDisposable {
  /** Files that it was asked to install, as they were at that moment. */
  readonly asked: Buffer[] = [];
  /** Answered instead of taking the next. */
  refuses: { readonly code: string; readonly message: LocalText } | undefined;
  readonly #places: ReturnType<typeof updatePlaces>;
  readonly #server: Server;
  #version = "0.1.0";
  #moments = 0;

  private constructor(root: string) {
    this.#places = updatePlaces(root);
    for (const file of [this.#places.image, this.#places.status])
      mkdirSync(dirname(file), { recursive: true });
    writeFileSync(
      this.#places.image,
      JSON.stringify({ compatible: "campus-ops-edge-amd64", version: "0.1.0" }),
    );
    this.says("idle");
    this.#server = createServer((socket) => {
      socket.setEncoding("utf8");
      socket.once("data", (line: string) => socket.end(`${JSON.stringify(this.#answer(line))}\n`));
    });
  }

  static async start(root: string): Promise<PlayedService> {
    const service = new PlayedService(root);
    await new Promise<void>((resolve) => service.#server.listen(service.#places.socket, resolve));
    return service;
  }

  /** Replaces the status as a whole, as the real one does. */
  says(state: string, more: Readonly<Record<string, unknown>> = {}): void {
    this.#moments += 1;
    const at = new Date(this.#moments).toISOString();
    const status = { state, running: { slot: "A", version: this.#version }, ...more, at };
    writeFileSync(`${this.#places.status}.new`, JSON.stringify(status));
    renameSync(`${this.#places.status}.new`, this.#places.status);
  }

  /** The box has started from the other place. */
  restartsAs(version: string): void {
    this.#version = version;
    this.says("proving");
  }

  #answer(line: string): object {
    const { install, restart } = JSON.parse(line) as { install: string; restart: boolean };
    if (this.refuses !== undefined) return { accepted: false, ...this.refuses };
    if (restart !== true) return { accepted: false, code: "bad-request", message: { zh: "", en: "" } };
    this.asked.push(readFileSync(install));
    this.says("checking");
    return { accepted: true };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

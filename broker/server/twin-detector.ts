/**
 * One certificate on two machines. A program names itself anew each time it is started, in the user name, which says nothing
 * else where a certificate says who it is. A program that was superseded by another and then comes back was running all the
 * time: there are two. Neither a restart nor a lost link looks like that.
 */

/** Programs remembered of one certificate. */
export const PROGRAMS_MAX = 8;
/** Certificates remembered; the one that was seen first goes first. */
export const CERTIFICATES_MAX = 20_000;

export class TwinDetector {
  /** By certificate: the present program, and those it superseded, the newest first. */
  readonly #programs = new Map<string, readonly string[]>();

  /** True when the login shows that a second machine uses the certificate. */
  isTwin(serial: string, program: string): boolean {
    const [present, ...superseded] = this.#programs.get(serial) ?? [];
    if (present === program) return false;
    if (superseded.includes(program)) return true;
    const before = present === undefined ? [] : [present, ...superseded];
    this.#programs.set(serial, [program, ...before].slice(0, PROGRAMS_MAX));
    if (this.#programs.size > CERTIFICATES_MAX) this.forget(this.#programs.keys().next().value ?? "");
    return false;
  }

  forget(serial: string): void {
    this.#programs.delete(serial);
  }
}

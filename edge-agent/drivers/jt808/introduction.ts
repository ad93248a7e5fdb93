/** Who calls: registration and authentication of JT/T 808 (2019, 8.5 to 8.9), from the platform's side. */
import { timingSafeEqual } from "node:crypto";
import {
  canonicalPhone,
  encodeFrame,
  type Jt808Frame,
  Jt808Splitter,
} from "@campus-ops/device-profiles/codecs/jt808-frame";
import {
  AnswerResult,
  encodeAnswer,
  encodeRegisterAnswer,
  Jt808BodyError,
  Jt808Message,
  parseAuthentication,
  parseRegistration,
  RegisterResult,
  type Registration,
} from "@campus-ops/device-profiles/codecs/jt808-messages";
import type { CallProtocol } from "../listener/switchboard.ts";

export interface TerminalSettings {
  /** What the terminal proves itself with. */
  readonly code: string;
  /** False where somebody has put the code into the terminal: it is then told to nobody. */
  readonly issuesCode: boolean;
  /** What the terminal said of itself when it registered last. */
  registration?: Registration;
}

/** An answer of the platform, in the edition that the terminal speaks. */
export const answerFrame = (to: Jt808Frame, message: number, body: Uint8Array): Uint8Array =>
  encodeFrame({ message, edition: to.edition, phone: to.phone, serial: to.serial, body });

export const generalAnswer = (to: Jt808Frame, result: number): Uint8Array =>
  answerFrame(
    to,
    Jt808Message.PlatformAnswer,
    encodeAnswer({ serial: to.serial, message: to.message, result }),
  );

const registerAnswer = (to: Jt808Frame, result: number, code?: string): Uint8Array =>
  answerFrame(to, Jt808Message.RegisterAnswer, encodeRegisterAnswer(to.serial, result, code));

/** With the terminal's code, unless somebody has put that into it. */
export function answerRegistration(to: Jt808Frame, { code, issuesCode }: TerminalSettings): Uint8Array {
  return issuesCode
    ? registerAnswer(to, RegisterResult.done, code)
    : registerAnswer(to, RegisterResult.alreadyRegistered);
}

export const jt808Calls: CallProtocol<Jt808Frame, TerminalSettings> = {
  splitter: () => new Jt808Splitter(),
  introduction: (expected) => {
    /** What this caller says of itself: believed once it has proven who it is. */
    let registration: Registration | undefined;
    return (frame, caller) => {
      const extension = expected(canonicalPhone(frame.phone));
      if (extension === undefined) {
        return frame.message === Jt808Message.Register
          ? { is: "unknown", answer: registerAnswer(frame, RegisterResult.noSuchTerminal) }
          : { is: "unknown", answer: generalAnswer(frame, AnswerResult.failed) };
      }
      switch (frame.message) {
        case Jt808Message.Register: {
          registration = parsed(() => parseRegistration(frame.body, frame.edition));
          caller.send(answerRegistration(frame, extension.settings));
          return { is: "unfinished" };
        }
        case Jt808Message.Authenticate: {
          const told = parsed(() => parseAuthentication(frame.body, frame.edition));
          if (told === undefined || !isSame(told, extension.settings.code)) {
            return { is: "refused", extension, answer: generalAnswer(frame, AnswerResult.failed) };
          }
          if (registration !== undefined) extension.settings.registration = registration;
          caller.send(generalAnswer(frame, AnswerResult.done));
          return { is: "known", extension, message: frame };
        }
        default:
          // Before it has proven who it is nothing that it says counts; it will register when it hears this.
          caller.send(generalAnswer(frame, AnswerResult.failed));
          return { is: "unfinished" };
      }
    };
  },
};

function parsed<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof Jt808BodyError) return undefined;
    throw error;
  }
}

function isSame(told: string, code: string): boolean {
  const [a, b] = [Buffer.from(told), Buffer.from(code)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Opens what a hub's enrolment consists of, for its process and for the command. Several may have it open at a time. */
import { denyCertificates } from "@campus-ops/broker/deny-list";
import { Authority } from "./authority.ts";
import { databaseFile, deniedFile } from "./configuration.ts";
import { Enrolment } from "./enrolment.ts";
import { type AuditRow, EnrolmentStore } from "./enrolment-store.ts";

export interface OpenedEnrolment {
  readonly authority: Authority;
  readonly store: EnrolmentStore;
  readonly enrolment: Enrolment;
}

/** Throws `OperatorError` when there is no authority in the folder. */
export function openEnrolment(folder: string, onRecord?: (row: AuditRow) => void): OpenedEnrolment {
  const authority = Authority.open(folder);
  const store = new EnrolmentStore(databaseFile(folder));
  const enrolment = new Enrolment({
    authority,
    store,
    denied: { deny: (serials, why) => denyCertificates(deniedFile(folder), serials, why) },
    now: Date.now,
    ...(onRecord === undefined ? {} : { onRecord }),
  });
  return { authority, store, enrolment };
}

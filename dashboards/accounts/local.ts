/** Accounts as somebody on the hub's own machine handles them, beside a hub that runs or without one. */
import { join } from "node:path";
import { AuditTrail, KEPT_MONTHS_MIN } from "../audit/trail.ts";
import { Accounts } from "./accounts.ts";
import { AccountsStore } from "./accounts-store.ts";
import { HASH_COST, type HashCost } from "./password-hash.ts";
import { SignIn } from "./sign-in.ts";

export { type Grant, ROLE_TITLES, ROLES, type Role } from "./core/permissions.ts";
export { AccountRefused } from "./refused.ts";

export interface LocalAccounts {
  readonly accounts: Accounts;
  /** Writes down what was done, as done by `user`. */
  audit(user: string, action: string, details: Readonly<Record<string, unknown>>): void;
  close(): void;
}

/** Opens the accounts in a hub's data folder. */
export function openLocalAccounts(data: string, cost: HashCost = HASH_COST): LocalAccounts {
  const store = new AccountsStore(join(data, "accounts.sqlite"));
  const trail = new AuditTrail(join(data, "audit.sqlite"), Date.now, KEPT_MONTHS_MIN);
  const signIn = new SignIn({ store, now: Date.now, cost });
  return {
    accounts: new Accounts({ store, signIn, now: Date.now }),
    audit: (user, action, details) => trail.append({ user, action, ...details }),
    close() {
      store.close();
      trail.close();
    },
  };
}

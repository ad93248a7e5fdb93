/** What the composition root puts together for access: accounts, the way through a provider, the audit trail, TLS. */
import { join } from "node:path";
import { Counter, type Log, OperatorError, type Registry, readSecretFile } from "@campus-ops/service";
import { Accounts } from "./accounts/accounts.ts";
import { AccountsStore } from "./accounts/accounts-store.ts";
import { IdentityProvider } from "./accounts/identity-provider.ts";
import { LeakedPasswords } from "./accounts/leaked-passwords.ts";
import { HASH_COST } from "./accounts/password-hash.ts";
import { SignIn } from "./accounts/sign-in.ts";
import type { AccountParts } from "./api/account-access.ts";
import type { ApiParts } from "./api/parts.ts";
import type { OpenTrail } from "./audit/open-trail.ts";
import type { DashboardsConfiguration } from "./configuration.ts";

export function openAccounts(
  data: string,
  { behindProxy, provider, signIn: rules = {}, tls, url }: DashboardsConfiguration["dashboards"],
  log: Log,
): { readonly parts: AccountParts; close(): void } {
  const store = new AccountsStore(join(data, "accounts.sqlite"));
  const { codesFor = [], leakedPasswordsFile: file } = rules;
  const signIn = new SignIn({ store, now: Date.now, cost: HASH_COST, codesFor });
  const leaked = file === undefined ? undefined : new LeakedPasswords(file);
  const accounts = new Accounts({ store, signIn, now: Date.now, leaked });
  if (accounts.all().length === 0)
    log.warn("there is no account yet; make the first with: campus-ops accounts add <name> --administrator");
  const parts: AccountParts = {
    accounts,
    signIn,
    secure: tls !== undefined || behindProxy !== undefined,
    ...(provider === undefined || url === undefined ? {} : { provider: providerOf(provider, url, log) }),
  };
  return { parts, close: () => store.close() };
}

function providerOf(
  configuration: NonNullable<DashboardsConfiguration["dashboards"]["provider"]>,
  url: string,
  log: Log,
): IdentityProvider {
  const { clientSecretFile } = configuration;
  const secret = clientSecretFile === undefined ? undefined : readSecretFile(clientSecretFile);
  if (secret !== undefined && "problem" in secret)
    throw new OperatorError(`dashboards.provider.clientSecretFile: ${secret.problem}`);
  return new IdentityProvider({
    configuration,
    clientSecret: secret?.text,
    redirect: new URL("/api/v1/sign-in/provider/callback", url),
    now: Date.now,
    onFault: (error) => log.warn({ err: error }, "the identity provider did not do its part"),
  });
}

/**
 * Writes entries into the trail. What cannot be written is told in the log and counted, and the doing goes on: an alarm is
 * acknowledged on a full disk too.
 */
export function writtenDown(trail: OpenTrail, log: Log, metrics: Registry): ApiParts["audit"] {
  const failures = new Counter({
    name: "campus_ops_audit_failures_total",
    help: "Entries that the audit trail could not take; they are in the log instead",
    registers: [metrics],
  });
  return (entry, from) => {
    try {
      trail.append(entry, from);
      // The log knows the chain too: entries cut off at its end are missed here.
      log.info({ audit: true, ...trail.head, action: entry.action }, "audit");
    } catch (error) {
      failures.inc();
      log.error(
        { audit: true, err: error, ...entry, ...from },
        "the audit trail could not take an entry; this is it",
      );
    }
  };
}

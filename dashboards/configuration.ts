/** The section `dashboards` of a hub's configuration, with the site that every page is about. */
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { SITE_SCHEMA, type Site } from "@campus-ops/device-profiles/vocabulary";
import { type DocumentProblem, InvalidDocumentError, loadDocument, type Overlay } from "@campus-ops/service";
import { RELATIONAL_SCHEMA, type RelationalConfiguration } from "@campus-ops/service/relational";
import { ROLES, type Role } from "./accounts/core/permissions.ts";
import type { ProviderConfiguration } from "./accounts/identity-provider.ts";
import { KEPT_MONTHS_MIN } from "./audit/trail.ts";
import { isNetwork } from "./webhooks/reach.ts";

export interface DashboardsConfiguration {
  readonly site: Site;
  readonly relational: RelationalConfiguration;
  /** Where there is a hub above; its section is the agent's that speaks to it. */
  readonly parent?: object;
  readonly dashboards: {
    /** Address to listen on; the port is CAMPUS_OPS_HTTP_PORT. */
    readonly host: string;
    /**
     * loopback: whoever is on this machine is the operator, and nobody else is let in · accounts: people sign in, machines
     * have tokens of their own · token: one bearer token from `tokenFile`, for machines.
     */
    readonly access: "loopback" | "accounts" | "token";
    readonly tokenFile?: string;
    /** The address that people's browsers are given, where it is not what we listen on. */
    readonly url?: string;
    readonly tls?: { readonly certificateFile: string; readonly keyFile: string };
    /** Addresses of the proxy in front, which speaks TLS. */
    readonly behindProxy?: { readonly addresses: readonly string[] };
    readonly provider?: ProviderConfiguration & { readonly clientSecretFile?: string };
    /** How people with local accounts sign in. */
    readonly signIn?: { readonly codesFor?: readonly Role[]; readonly leakedPasswordsFile?: string };
    readonly audit: { readonly keepMonths: number };
    readonly webhooks?: { readonly allow: readonly string[] };
    /** True in the demonstration: every page says so. */
    readonly demonstration: boolean;
  };
}

const file = (description: string) => ({ type: "string", minLength: 1, description }) as const;
const claim = (standard: string, description: string) =>
  ({ type: "string", minLength: 1, default: standard, description }) as const;
const words = { type: "string", minLength: 1, maxLength: 60 } as const;

const PROVIDER = {
  type: "object",
  additionalProperties: false,
  required: ["title", "issuer", "clientId", "grants"],
  description: "an OpenID Connect provider that people sign in through; local accounts go on beside it",
  properties: {
    title: {
      type: "object",
      additionalProperties: false,
      required: ["zh", "en"],
      properties: { zh: words, en: words },
      description: "what the button on the sign-in page says",
    },
    issuer: {
      type: "string",
      pattern: "^(https://[^@/?#\\\\]+|http://(127\\.0\\.0\\.1|localhost)(:\\d{1,5})?)(/|$)",
      description: "https:// address of the provider; its configuration is read from /.well-known/ below it",
    },
    clientId: file("as the provider knows this hub"),
    clientSecretFile: file("file of mode 0600; without it the client is a public one, by PKCE alone"),
    scopes: claim("openid profile", "what to ask the provider for"),
    groupsClaim: claim("groups", "claim of the ID token that lists a person's groups"),
    nameClaim: claim("preferred_username", "claim that becomes the account's name"),
    titleClaim: claim("name", "claim with the person's name"),
    grants: {
      type: "array",
      minItems: 1,
      maxItems: 500,
      description: "what each group may do where; who is in none of them is not let in",
      items: {
        type: "object",
        additionalProperties: false,
        required: ["group", "role", "path"],
        properties: {
          group: { type: "string", minLength: 1 },
          role: { enum: ROLES },
          path: { type: "string", maxLength: 400, description: 'asset path; "" is the whole hub' },
        },
      },
    },
  },
} as const;

export const DASHBOARDS_SCHEMA = {
  type: "object",
  required: ["site"],
  properties: {
    site: SITE_SCHEMA,
    relational: RELATIONAL_SCHEMA,
    parent: { type: "object" },
    dashboards: {
      type: "object",
      additionalProperties: false,
      default: {},
      properties: {
        host: {
          type: "string",
          default: "127.0.0.1",
          minLength: 1,
          description: "address to listen on; the port is CAMPUS_OPS_HTTP_PORT",
        },
        access: {
          enum: ["loopback", "accounts", "token"],
          default: "loopback",
          description:
            "loopback: whoever is on this machine is the operator, nobody else is let in; accounts: people sign in, machines have tokens of their own; token: one bearer token, for machines",
        },
        tokenFile: file("file of mode 0600 with the token, at least 32 characters"),
        url: {
          type: "string",
          pattern: "^https?://[^/]+$",
          description:
            "address that people's browsers are given, without a path; a provider sends them back there",
        },
        tls: {
          type: "object",
          additionalProperties: false,
          required: ["certificateFile", "keyFile"],
          description: "speak TLS ourselves; read again when the files change",
          properties: {
            certificateFile: file("certificate and its chain, PEM"),
            keyFile: file("private key, PEM, mode 0600"),
          },
        },
        behindProxy: {
          type: "object",
          additionalProperties: false,
          required: ["addresses"],
          description:
            "a proxy in front speaks TLS, keeps the Host header, and says in X-Forwarded-For who calls",
          properties: {
            addresses: {
              type: "array",
              minItems: 1,
              maxItems: 20,
              items: { type: "string", minLength: 1 },
              description: "addresses or networks (10.0.0.0/24) whose word is taken",
            },
          },
        },
        provider: PROVIDER,
        signIn: {
          type: "object",
          additionalProperties: false,
          description: "how people with local accounts sign in",
          properties: {
            codesFor: {
              type: "array",
              uniqueItems: true,
              maxItems: ROLES.length,
              items: { enum: [...ROLES] },
              description:
                "roles whose people have to set up an authenticator app before they do anything else; administrator and auditor are a good beginning",
            },
            leakedPasswordsFile: file(
              "list of leaked passwords that no new password may be in: SHA-1, ordered by hash, as Have I Been Pwned gives it away; it is searched on this disk",
            ),
          },
        },
        audit: {
          type: "object",
          additionalProperties: false,
          default: {},
          properties: {
            keepMonths: {
              type: "integer",
              minimum: KEPT_MONTHS_MIN,
              maximum: 120,
              default: 12,
              description: "how long the audit trail is kept; the law asks for six months",
            },
          },
        },
        webhooks: {
          type: "object",
          additionalProperties: false,
          required: ["allow"],
          properties: {
            allow: {
              type: "array",
              maxItems: 20,
              items: { type: "string", pattern: "^[0-9a-fA-F:.]+(/\\d{1,3})?$", maxLength: 64 },
              description:
                "addresses or networks (127.0.0.0/8) that webhooks may go to although only this machine or its link reaches them; others need not be named",
            },
          },
        },
        demonstration: {
          type: "boolean",
          default: false,
          description: "every page says that nothing is real",
        },
      },
    },
  },
} as const;

/**
 * Reads and checks the section; paths are absolute in what it answers. `overlays`: what was changed in the console. Throws
 * {@link InvalidDocumentError}.
 */
export function loadConfiguration(
  config: string,
  overlays: readonly Overlay[] = [],
): DashboardsConfiguration {
  const { locate, value } = loadDocument<DashboardsConfiguration>(config, DASHBOARDS_SCHEMA, overlays);
  const { access, behindProxy, host, provider, signIn, tls, tokenFile, url } = value.dashboards;
  const problems: DocumentProblem[] = [];
  const wrong = (field: string, en: string, zh: string): void => {
    problems.push(locate(`dashboards.${field}`, en, zh));
  };
  const open = !isLoopback(host);
  if (access === "loopback" && open) {
    wrong(
      "host",
      `other machines can reach ${host}, and access is loopback: set access: accounts, or listen on 127.0.0.1`,
      `其他机器可以访问 ${host}，而 access 是 loopback：请设置 access: accounts，或监听 127.0.0.1`,
    );
  }
  if (access === "accounts" && open && tls === undefined && behindProxy === undefined) {
    wrong(
      "host",
      `passwords would travel to ${host} in the clear: name tls files, or the proxy that speaks TLS in behindProxy`,
      `到 ${host} 的密码会明文传输：请配置 tls 证书，或在 behindProxy 中写明负责 TLS 的代理`,
    );
  }
  if (access === "token" && tokenFile === undefined)
    wrong("access", "is token, so tokenFile must name a file", "access 为 token 时必须设置 tokenFile");
  if (provider !== undefined && access !== "accounts")
    wrong("provider", "is of use with access: accounts alone", "只在 access: accounts 时有用");
  if (provider !== undefined && url === undefined)
    wrong("provider", "needs url, where the provider sends people back to", "需要设置 url，登录后由此返回");
  const at = (path: string): string => resolve(dirname(config), path);
  for (const [field, path] of [
    ["tls.certificateFile", tls?.certificateFile],
    ["tls.keyFile", tls?.keyFile],
    ["provider.clientSecretFile", provider?.clientSecretFile],
    ["signIn.leakedPasswordsFile", signIn?.leakedPasswordsFile],
  ] as const) {
    if (path !== undefined && !existsSync(at(path)))
      wrong(field, `there is no such file as ${at(path)}`, `没有文件 ${at(path)}`);
  }
  for (const [index, each] of (value.dashboards.webhooks?.allow ?? []).entries()) {
    if (!isNetwork(each))
      wrong(`webhooks.allow.${index}`, `${each} is no address or network`, `${each} 不是地址或网段`);
  }
  if (problems.length > 0) throw new InvalidDocumentError(problems);
  return {
    ...value,
    dashboards: {
      ...value.dashboards,
      ...(tokenFile === undefined ? {} : { tokenFile: at(tokenFile) }),
      ...(tls === undefined
        ? {}
        : { tls: { certificateFile: at(tls.certificateFile), keyFile: at(tls.keyFile) } }),
      ...(provider?.clientSecretFile === undefined
        ? {}
        : { provider: { ...provider, clientSecretFile: at(provider.clientSecretFile) } }),
      ...(signIn?.leakedPasswordsFile === undefined
        ? {}
        : { signIn: { ...signIn, leakedPasswordsFile: at(signIn.leakedPasswordsFile) } }),
    },
  };
}

/** Where webhooks may go beside everywhere else. Whoever is at this machine may reach its services anyway. */
export function webhookAddresses({
  access,
  webhooks,
}: Pick<DashboardsConfiguration["dashboards"], "access" | "webhooks">): readonly string[] {
  return [...(access === "loopback" ? ["127.0.0.0/8", "::1"] : []), ...(webhooks?.allow ?? [])];
}

/** True for addresses that only this machine can reach. */
export function isLoopback(address: string): boolean {
  return /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+|localhost)$/.test(address);
}

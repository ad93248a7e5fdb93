/** The section `dashboards` of a hub's configuration, with the site that every page is about. */
import { SITE_SCHEMA, type Site } from "@campus-ops/device-profiles/vocabulary";

export interface DashboardsConfiguration {
  readonly site: Site;
  readonly dashboards: {
    /** Address to listen on; the port is CAMPUS_OPS_HTTP_PORT. */
    readonly host: string;
    /**
     * loopback: whoever is on this machine is the operator, and nobody else is let in · token: a bearer token from
     * `tokenFile`, for machines. Accounts for people are not there yet, so other addresses than loopback need a token.
     */
    readonly access: "loopback" | "token";
    readonly tokenFile?: string;
    /** True in the demonstration: every page says so. */
    readonly demonstration: boolean;
  };
}

export const DASHBOARDS_SCHEMA = {
  type: "object",
  required: ["site"],
  properties: {
    site: SITE_SCHEMA,
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
          enum: ["loopback", "token"],
          default: "loopback",
          description:
            "loopback: whoever is on this machine is the operator, nobody else is let in; token: a bearer token, for machines",
        },
        tokenFile: {
          type: "string",
          minLength: 1,
          description: "file of mode 0600 with the token, at least 32 characters",
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

/** True for addresses that only this machine can reach. */
export function isLoopback(address: string): boolean {
  return /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+|localhost)$/.test(address);
}

/** The `flows` section of a hub's configuration. */

export const FLOWS_SCHEMA = {
  type: "object",
  properties: {
    flows: {
      type: "object",
      additionalProperties: false,
      default: {},
      description: "flows of the campus's own, in Node-RED",
      properties: {
        enabled: { type: "boolean", default: false },
        functions: {
          type: "boolean",
          default: false,
          description: "offers the function node: whoever edits flows can then run code as this process",
        },
        tokenFile: {
          type: "string",
          minLength: 1,
          description: "token by which flows speak to the API, where it asks for one",
        },
      },
    },
  },
} as const;

export interface FlowsConfiguration {
  readonly flows: { readonly enabled: boolean; readonly functions: boolean; readonly tokenFile?: string };
}

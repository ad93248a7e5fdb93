/** What the process uses of Node-RED when it is embedded; the package ships no types. */
declare module "node-red" {
  import type { IncomingMessage, Server, ServerResponse } from "node:http";

  interface Embedded {
    init(server: Server, settings: object): void;
    start(): Promise<void>;
    stop(): Promise<void>;
    readonly httpAdmin: (request: IncomingMessage, response: ServerResponse) => void;
    readonly events: {
      on(
        event: "flows:started",
        listener: (started: { readonly config?: { readonly flows?: unknown } }) => void,
      ): void;
    };
  }
  const embedded: Embedded;
  export default embedded;
}

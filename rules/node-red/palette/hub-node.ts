/** The configuration node that says which hub, and how the others find it. */
import { accessFromEnvironment, type HubAccess } from "./hub.ts";
import type { FlowNode, Red } from "./red.ts";

export const HUB_TYPE = "campus-hub";

interface HubNode extends FlowNode {
  access: HubAccess;
  credentials?: { readonly token?: string };
}

export function registerHub(red: Red): void {
  red.nodes.registerType(
    HUB_TYPE,
    function (this: HubNode, definition: { readonly url?: string }) {
      red.nodes.createNode(this, definition);
      const standard = accessFromEnvironment(process.env);
      const token = this.credentials?.token || standard.token;
      this.access = { url: definition.url || standard.url, ...(token === undefined ? {} : { token }) };
    },
    { credentials: { token: { type: "password" } } },
  );
}

/** The hub that a node names, or the one this process belongs to. */
export function accessOf(red: Red, id: string | undefined): HubAccess {
  return (red.nodes.getNode(id) as HubNode | null)?.access ?? accessFromEnvironment(process.env);
}

/** Shows at a node whether the hub can be heard. */
export function showConnection(node: FlowNode, connected: boolean): void {
  node.status(
    connected
      ? { fill: "green", shape: "dot", text: "campus-hub.connected" }
      : { fill: "red", shape: "ring", text: "campus-hub.away" },
  );
}

/** The part of Node-RED's own API that the palette uses; Node-RED ships no types. */

export interface FlowMessage {
  topic?: unknown;
  payload?: unknown;
  [more: string]: unknown;
}

export type Send = (message: FlowMessage | readonly (FlowMessage | null)[]) => void;
export type Done = (error?: Error) => void;

export interface FlowNode {
  readonly id: string;
  send: Send;
  on(event: "input", listener: (message: FlowMessage, send: Send, done: Done) => void): void;
  on(event: "close", listener: (done: () => void) => void): void;
  status(state: { fill?: "red" | "green" | "yellow" | "grey"; shape?: "dot" | "ring"; text?: string }): void;
  error(text: string, message?: FlowMessage): void;
}

export interface Red {
  readonly nodes: {
    createNode(node: FlowNode, definition: object): void;
    /** `build` makes a node of this type, as `this`, from its definition in the flow. */
    registerType(type: string, build: (this: never, definition: never) => void, options?: object): void;
    getNode(id: string | undefined): unknown;
  };
}

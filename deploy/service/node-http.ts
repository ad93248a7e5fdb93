/**
 * `node:http`, and nothing it would bring along. An `import` of it reads every one of its exports, `http.WebSocket` and
 * `http.MessageEvent` among them, which are made on first use by loading all of undici and HTTP/2: 13 MB resident and a
 * tenth of a second of the start, for every process that only listens.
 */
import type * as Http from "node:http";
import { createRequire } from "node:module";

const http: typeof Http = createRequire(import.meta.url)("node:http");

export default http;

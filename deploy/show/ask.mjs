// Asks the hub that is installed on this machine: ask.mjs <account> <method> <path> [<body>]. The password is on standard input.
import { text } from "node:stream/consumers";

const [user, method = "GET", path = "/", body] = process.argv.slice(2);
const hub = "https://127.0.0.1:8080";
const headers = { origin: hub, "content-type": "application/json" };

const credentials = JSON.stringify({ user, password: (await text(process.stdin)).trim() });
const entered = await fetch(`${hub}/api/v1/sign-in`, { method: "POST", headers, body: credentials });
if (!entered.ok) throw new Error(`sign-in: ${entered.status} ${await entered.text()}`);
const cookie = entered.headers
  .getSetCookie()
  .map((each) => each.split(";")[0])
  .join("; ");
const answer = await fetch(hub + path, {
  method,
  headers: { ...headers, cookie },
  ...(body === undefined ? {} : { body }),
});
if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
console.log(await answer.text());

/**
 * Settings over a process's private HTTP:
 *
 *   GET    /settings/:name                    → SettingView; 404 for one that another process answers for
 *   PUT    /settings/:name  SettingChange     → SettingAnswer; 409 when somebody else changed it meanwhile
 *   DELETE /settings/:name  { version }       → SettingAnswer: what hub.yaml says counts again
 *   POST   /restart                           → 202: the process begins again, with the settings as they are
 */
import type { FastifyInstance } from "fastify";
import { Problem } from "./problem.ts";
import {
  SETTING_FILE_BYTES_MAX,
  type SettingAnswer,
  type SettingChange,
  SettingChangedError,
  type SettingName,
  type SettingsDesk,
  type SettingView,
} from "./settings.ts";

const BODY_BYTES_MAX = 2 * SETTING_FILE_BYTES_MAX;

/** `restart` is called when a change was written, and the answer is on its way. */
export function settingRoutes(server: FastifyInstance, desk: SettingsDesk, restart: () => void): void {
  const own = (name: string): SettingName => {
    const found = desk.names.find((each) => each === name);
    if (found === undefined)
      throw new Problem(404, "No such setting", `there is no setting ${name} here`, `这里没有设置项 ${name}`);
    return found;
  };
  const settled = (work: () => SettingAnswer): SettingAnswer => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof SettingChangedError)) throw error;
      throw new Problem(
        409,
        "Changed meanwhile",
        "somebody else has changed it since; load it again",
        "别人刚改过这项设置，请重新打开再改",
      );
    }
  };
  // After the answer: whoever asked is told before the process goes.
  server.addHook("onResponse", (request, _reply, done) => {
    if (wantsRestart.has(request)) restart();
    done();
  });
  const wantsRestart = new WeakSet<object>();

  server.get<{ Params: { name: string } }>(
    "/settings/:name",
    ({ params }): SettingView => desk.view(own(params.name)),
  );
  server.put<{ Params: { name: string }; Body: SettingChange }>(
    "/settings/:name",
    { bodyLimit: BODY_BYTES_MAX },
    (request): SettingAnswer => {
      const answer = settled(() => desk.write(own(request.params.name), request.body));
      if (answer.saved) wantsRestart.add(request);
      return answer;
    },
  );
  server.delete<{ Params: { name: string }; Body: { version: string } }>(
    "/settings/:name",
    (request): SettingAnswer => {
      const answer = settled(() => desk.reset(own(request.params.name), request.body.version));
      if (answer.saved) wantsRestart.add(request);
      return answer;
    },
  );
  server.post("/restart", async (request, reply) => {
    wantsRestart.add(request);
    return reply.code(202).send();
  });
}

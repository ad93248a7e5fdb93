/** The MQTT server: its address, its certificate, and whether it lets this box in. */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import mqtt, { ErrorWithReasonCode, type IClientOptions } from "mqtt";
import type { BrokerAddress } from "../mqtt/connection.ts";
import { type CheckResult, errorText, text } from "./finding.ts";

const CONNECT_MS_MAX = 5_000;
/** A certificate that ends sooner than this has to be renewed now. */
export const CERTIFICATE_DAYS_MIN = 30;
const DAY_MS = 86_400_000;
/** CONNACK return codes of MQTT 3.1.1, 3.2.2.3. */
const LOGIN_REFUSED: ReadonlySet<number> = new Set([4, 5]);

/** One result for the server, and one for its certificate where it has one. */
export async function checkBroker(broker: BrokerAddress): Promise<readonly CheckResult[]> {
  const url = new URL(broker.url);
  const isTls = url.protocol === "mqtts:";
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = url.port === "" ? (isTls ? 8883 : 1883) : Number(url.port);
  const reached = await reach(host, port);
  if (reached !== undefined) {
    return [
      {
        check: "broker",
        subject: broker.url,
        status: "failed",
        says: text(`无法连接（${reached}）`, `cannot be reached (${reached})`),
        advice: text(
          "检查地址、网线与防火墙；服务器是否在运行",
          "check address, cable and firewall, and that the server runs",
        ),
      },
    ];
  }
  const certificate = isTls ? [await checkCertificate(host, port, broker)] : [];
  return [await logIn(broker), ...certificate];
}

/** Undefined when somebody listens there, else why not. */
function reach(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connectTcp({ host, port, timeout: CONNECT_MS_MAX });
    const end = (why?: string): void => {
      socket.destroy();
      resolve(why);
    };
    socket.once("connect", () => end());
    socket.once("timeout", () => end("ETIMEDOUT"));
    socket.once("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
}

/** A connection under a name of its own: the agent's, should it be running, is not disturbed. */
async function logIn(broker: BrokerAddress): Promise<CheckResult> {
  const result = (
    status: CheckResult["status"],
    zh: string,
    en: string,
    advice?: CheckResult["advice"],
  ): CheckResult => ({
    check: "broker",
    subject: broker.url,
    status,
    says: text(zh, en),
    ...(advice === undefined ? {} : { advice }),
  });
  try {
    const client = await mqtt.connectAsync(broker.url, {
      ...tlsOptions(broker),
      ...(broker.username === undefined ? {} : { username: broker.username }),
      ...(broker.password === undefined ? {} : { password: broker.password }),
      clientId: `doctor-${randomUUID().slice(0, 8)}`,
      protocolVersion: 4,
      clean: true,
      reconnectPeriod: 0,
      connectTimeout: CONNECT_MS_MAX,
    });
    await client.endAsync();
    return result("ok", "已登录", "logged in");
  } catch (error) {
    if (error instanceof ErrorWithReasonCode && LOGIN_REFUSED.has(error.code)) {
      return result(
        "failed",
        "用户名或密码被拒绝",
        "it refuses user or password",
        text(
          "改正 broker.username 与 broker.passwordFile",
          "correct broker.username and broker.passwordFile",
        ),
      );
    }
    const why = errorText(error);
    return result(
      "failed",
      `连上了，但 MQTT 会话未建立：${why}`,
      `it can be reached, and MQTT does not come about: ${why}`,
      text(
        "检查端口是否为 MQTT，TLS 证书与 broker.tls 是否相符",
        "check that the port is MQTT's, and that broker.tls fits the server's certificate",
      ),
    );
  }
}

/** The server's certificate as it is, trusted or not: whether it is trusted is seen when logging in. */
async function checkCertificate(host: string, port: number, broker: BrokerAddress): Promise<CheckResult> {
  try {
    const validTo = await certificateEnd(host, port, broker);
    const days = Math.floor((validTo - Date.now()) / DAY_MS);
    const status = days < 0 ? "failed" : days < CERTIFICATE_DAYS_MIN ? "warning" : "ok";
    return {
      check: "certificate",
      subject: broker.url,
      status,
      says:
        days < 0
          ? text(`证书已过期 ${-days} 天`, `the certificate ended ${-days} days ago`)
          : text(`证书还有 ${days} 天到期`, `the certificate ends in ${days} days`),
      ...(status === "ok"
        ? {}
        : { advice: text("请中心管理员更换服务器证书", "have the server's certificate renewed") }),
    };
  } catch (error) {
    const why = errorText(error);
    return {
      check: "certificate",
      subject: broker.url,
      status: "failed",
      says: text(`读不到证书：${why}`, `no certificate can be read: ${why}`),
      advice: text("检查该端口是否使用 TLS", "check that the port speaks TLS"),
    };
  }
}

function certificateEnd(host: string, port: number, broker: BrokerAddress): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connectTls({
      ...tlsOptions(broker),
      host,
      port,
      rejectUnauthorized: false,
      timeout: CONNECT_MS_MAX,
    });
    const end = (settle: () => void): void => {
      socket.destroy();
      settle();
    };
    socket.once("secureConnect", () => {
      const { valid_to: validTo } = socket.getPeerCertificate();
      end(() => resolve(Date.parse(validTo)));
    });
    socket.once("timeout", () => end(() => reject(new Error("no answer"))));
    socket.once("error", (error) => end(() => reject(error)));
  });
}

function tlsOptions({ tls }: BrokerAddress): Pick<IClientOptions, "ca" | "cert" | "key"> {
  return {
    ...(tls?.caFile === undefined ? {} : { ca: readFileSync(tls.caFile) }),
    ...(tls?.certFile === undefined ? {} : { cert: readFileSync(tls.certFile) }),
    ...(tls?.keyFile === undefined ? {} : { key: readFileSync(tls.keyFile) }),
  };
}

/** The certificate that says who this box is. */
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { BrokerAddress } from "../mqtt/connection.ts";
import { type CheckResult, errorText, text } from "./finding.ts";

const DAY_MS = 86_400_000;
/** A box renews its certificate when a third of its time is left; with less than this it has tried for a while. */
export const OWN_CERTIFICATE_DAYS_MIN = 20;

/** How long the box's own certificate lasts; undefined where it has none. Judged by the clock of this machine. */
export function checkOwnCertificate({ tls }: BrokerAddress): CheckResult | undefined {
  const subject = tls?.certFile;
  if (subject === undefined) return undefined;
  const result = (
    status: CheckResult["status"],
    says: CheckResult["says"],
    advice?: CheckResult["advice"],
  ): CheckResult => ({
    check: "certificate",
    subject,
    status,
    says,
    ...(advice === undefined ? {} : { advice }),
  });
  try {
    const certificate = new X509Certificate(readFileSync(subject));
    const days = Math.floor((certificate.validToDate.getTime() - Date.now()) / DAY_MS);
    const name = certificate.subject.replace(/^CN=/, "");
    if (days < 0) {
      return result(
        "failed",
        text(
          `本机证书（${name}）已过期 ${-days} 天`,
          `this box's certificate (${name}) ended ${-days} days ago`,
        ),
        text(
          "30 天内：请管理员执行 campus-ops enrol approve；更久：重新生成 edge.conf（campus-ops enrol token --replace）",
          "up to 30 days: have the administrator run campus-ops enrol approve; longer: a new edge.conf (campus-ops enrol token --replace)",
        ),
      );
    }
    const says = text(
      `本机证书（${name}）还有 ${days} 天到期`,
      `this box's certificate (${name}) ends in ${days} days`,
    );
    if (days >= OWN_CERTIFICATE_DAYS_MIN) return result("ok", says);
    const advice = text(
      "盒子未能自动续期：查看其日志，并检查能否连接中心的入网端口",
      "the box has not renewed it by itself: look at its log, and whether the hub's enrolment port can be reached",
    );
    return result("warning", says, advice);
  } catch (error) {
    return result(
      "failed",
      text(
        `读不到本机证书：${errorText(error)}`,
        `this box's certificate cannot be read: ${errorText(error)}`,
      ),
      text(
        "重新入网（campus-ops enrol token --replace）",
        "enrol the box anew (campus-ops enrol token --replace)",
      ),
    );
  }
}

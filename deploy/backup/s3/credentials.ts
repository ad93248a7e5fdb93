/** Keys of an S3 server, in the format of Amazon's shared credentials file, which every vendor's console knows. */
import { OperatorError, readSecretFile } from "@campus-ops/service";

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of keys that last for hours. */
  readonly sessionToken?: string;
}

const LINE = /^\s*(aws_access_key_id|aws_secret_access_key|aws_session_token)\s*=\s*(\S+)\s*$/;

/**
 * Lines `aws_access_key_id = …`, `aws_secret_access_key = …` and perhaps `aws_session_token = …`; other lines say nothing.
 * The file is read for each request, so that a key can be replaced while the hub runs. Throws an {@link OperatorError}
 * without any of its text.
 */
export function readCredentials(file: string): S3Credentials {
  const secret = readSecretFile(file);
  if ("problem" in secret) throw new OperatorError(`the keys of a place for backups: ${secret.problem}`);
  const said = new Map<string, string>();
  for (const line of secret.text.split(/\r?\n/)) {
    const [, name, value] = LINE.exec(line) ?? [];
    // Of several profiles the first counts.
    if (name !== undefined && value !== undefined && !said.has(name)) said.set(name, value);
  }
  const accessKeyId = said.get("aws_access_key_id");
  const secretAccessKey = said.get("aws_secret_access_key");
  const sessionToken = said.get("aws_session_token");
  if (accessKeyId === undefined || secretAccessKey === undefined)
    throw new OperatorError(
      `the keys of a place for backups: ${file} needs a line aws_access_key_id = … and a line aws_secret_access_key = …`,
    );
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
}

import { useState } from "react";
import { Failure } from "../../controls/failure.tsx";
import { useWords } from "../../text/language.tsx";
import { useAttempt } from "../attempt.ts";
import { BACKUP_WORDS } from "./words.ts";

/** A key that opens backups, made in this browser: the hub, whose loss it is for, never has it. */
export function NewKey({ onMade }: { readonly onMade: (recipient: string) => void }) {
  const words = useWords(BACKUP_WORDS);
  const [made, setMade] = useState(false);
  const { attempt, busy, failure } = useAttempt();
  const make = (): Promise<void> =>
    attempt(async () => {
      const { generateX25519Identity, identityToRecipient } = await import("age-encryption");
      const identity = await generateX25519Identity();
      const recipient = await identityToRecipient(identity);
      download("hub-backup.key", `# public key: ${recipient}\n${identity}\n`);
      onMade(recipient);
      setMade(true);
    });
  return (
    <div>
      <button type="button" className="button" disabled={busy} onClick={() => void make()}>
        {words.newKey}
      </button>
      <p role="status">{made ? words.keyMade : ""}</p>
      {failure !== undefined && <Failure error={failure} />}
    </div>
  );
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  URL.revokeObjectURL(url);
}

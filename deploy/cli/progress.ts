/** Shows how far something is, in one line that is written over; nothing where nobody watches. */
import type { WriteStream } from "node:tty";

export function progressLine(stream: NodeJS.WriteStream | WriteStream): (text: string) => void {
  if (!stream.isTTY) return () => undefined;
  return (text) => void stream.write(`\r${text}\u001b[K\r`);
}

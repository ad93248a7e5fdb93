/** What a plan's picture is, by its content: a picture, or an SVG drawing that nothing can be hidden in. */
import { photoType } from "../work-orders/photo.ts";

/** A scanned A3 sheet at 200 dots an inch fits. */
export const PLAN_BYTES_MAX = 8 * 1024 * 1024;

/** `image/jpeg`, `image/png`, `image/webp`, `image/svg+xml`; undefined for everything else. */
export function planType(content: Uint8Array): string | undefined {
  return photoType(content) ?? (isDrawing(content) ? "image/svg+xml" : undefined);
}

/**
 * SVG 2 without a document type, whose entities can grow without end. Scripts in it never run: it is shown as `<img>`,
 * and answered with a policy that forbids them; what has them is refused all the same, so that nobody is handed one.
 */
function isDrawing(content: Uint8Array): boolean {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch {
    return false;
  }
  const begin = text.replace(/^\uFEFF?\s*(<\?xml[^>]*\?>)?\s*(<!--[\s\S]*?-->\s*)*/, "");
  return /^<(?:\w+:)?svg[\s>]/.test(begin) && !HOSTILE.test(text);
}

const HOSTILE = /<!(?:DOCTYPE|ENTITY)|<(?:\w+:)?(?:script|foreignObject|iframe)\b|\son\w+\s*=|javascript:/i;

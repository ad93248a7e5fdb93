/** A page that nobody sees draws no frames, and must go on all the same. */
const FRAME_MS_MAX = 250;

/**
 * Acts when what was rendered has been drawn: for what a page needs soon, but nobody waits for. Answers how to leave it.
 */
export function afterFrame(act: () => void): () => void {
  let frame = 0;
  let timer = 0;
  const once = (): void => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    act();
  };
  timer = window.setTimeout(once, FRAME_MS_MAX);
  // The callback comes before its frame is drawn; a task of its own comes after.
  frame = requestAnimationFrame(() => {
    clearTimeout(timer);
    timer = window.setTimeout(once);
  });
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}

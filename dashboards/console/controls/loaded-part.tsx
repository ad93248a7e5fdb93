import { Component, type ReactNode, Suspense } from "react";
import { useWords } from "../text/language.tsx";

const WORDS = {
  zh: {
    title: "这部分没有载入",
    kept: "可能是连接中断，或者平台刚更新过。其余部分照常：报警继续接收，声音照常响。",
    reload: "重新载入页面",
  },
  en: {
    title: "This part could not be loaded",
    kept: "The connection may be cut, or the platform was updated a moment ago. The rest goes on: alarms still arrive and sound.",
    reload: "Load the page again",
  },
};

/**
 * A part of the page that is loaded when it is needed. Where it cannot be, or fails when it is drawn, it says so in its own
 * place, and everything around it goes on: without this, a desk that opened one page too many would go blank.
 */
export function LoadedPart({
  about = "",
  children,
  fallback = null,
}: {
  /** What is shown in it: with something else it is tried again. */
  readonly about?: string;
  readonly children: ReactNode;
  /** Shown while it loads. */
  readonly fallback?: ReactNode;
}) {
  return (
    <Boundary about={about}>
      <Suspense fallback={fallback}>{children}</Suspense>
    </Boundary>
  );
}

/** React has no other form for this than a class. */
class Boundary extends Component<
  { readonly about: string; readonly children: ReactNode },
  { readonly failed: boolean }
> {
  override state = { failed: false };

  static getDerivedStateFromError(): { readonly failed: boolean } {
    return { failed: true };
  }

  override componentDidUpdate({ about }: { readonly about: string }): void {
    if (this.state.failed && about !== this.props.about) this.setState({ failed: false });
  }

  override render(): ReactNode {
    return this.state.failed ? <PartFailure /> : this.props.children;
  }
}

function PartFailure() {
  const words = useWords(WORDS);
  return (
    <div className="failure part-failure" role="alert">
      <strong>{words.title}</strong>
      <p>{words.kept}</p>
      <button type="button" className="button" onClick={() => location.reload()}>
        {words.reload}
      </button>
    </div>
  );
}

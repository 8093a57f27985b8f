import { type ReactNode, useId } from "react";
import { Boundary } from "./Boundary";
import { ErrorNote } from "./ErrorNote";
import { Loading } from "./Skeleton";

export type PanelState =
  | { kind: "ready" }
  | { kind: "loading"; retry?: () => void }
  | { kind: "empty"; text: string }
  | { kind: "error"; error: unknown; retry?: () => void }
  | { kind: "partial"; text: string };

interface Props {
  title: string;
  /** The question that the panel answers, under its title. */
  question?: string;
  actions?: ReactNode;
  state?: PanelState;
  className?: string;
  /** Without padding, for tables and drawings. */
  flush?: boolean;
  children?: ReactNode;
}

export function kebab(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}

/** A titled part of a page with a state of its own: a fault or a missing answer in it leaves all others alive. */
export function Panel({ title, question, actions, state = { kind: "ready" }, className = "", flush, children }: Props) {
  const id = useId();
  return (
    <section data-panel={kebab(title)} aria-labelledby={id} className={`panel flex min-w-0 flex-col ${className}`}>
      <header className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 px-4 pt-2">
        <div className="min-w-0 flex-1 basis-40">
          <h2 id={id} className="font-semibold">
            {title}
          </h2>
          {question !== undefined && <p className="text-[12px] text-muted">{question}</p>}
        </div>
        {actions !== undefined && <div className="flex min-w-0 flex-wrap items-center gap-2">{actions}</div>}
      </header>
      <div className={`min-h-0 min-w-0 flex-1 ${flush === true && showsContent(state) ? "pt-2" : "px-4 pt-2 pb-4"}`}>
        <Boundary title={title}>
          <Content state={state}>{children}</Content>
        </Boundary>
      </div>
    </section>
  );
}

const showsContent = (state: PanelState) => state.kind === "ready" || state.kind === "partial";

function Content({ state, children }: { state: PanelState; children?: ReactNode }) {
  switch (state.kind) {
    case "loading":
      return <Loading retry={state.retry} />;
    case "empty":
      return <p className="py-4 text-muted">{state.text}</p>;
    case "error":
      return <ErrorNote error={state.error} retry={state.retry} />;
    case "partial":
      return (
        <>
          <p className="mb-3 rounded-button bg-warn-soft px-3 py-2 text-[12px] text-warn">{state.text}</p>
          {children}
        </>
      );
    default:
      return children;
  }
}

interface QueryLike {
  isPending: boolean;
  isError: boolean;
  error: unknown;
  data: unknown;
  fetchStatus?: string;
  refetch: () => unknown;
}

/** The state of a panel that shows one query. Old data stays while a newer answer fails: it is marked, not removed. */
export function panelState(query: QueryLike, empty?: string): PanelState {
  if (query.isError && query.data !== undefined && query.data !== null) {
    return { kind: "partial", text: "The latest data cannot be loaded. This is what was loaded before." };
  }
  if (query.isError) return { kind: "error", error: query.error, retry: () => void query.refetch() };
  if (query.isPending) return { kind: "loading" };
  if (empty !== undefined && Array.isArray(query.data) && query.data.length === 0)
    return { kind: "empty", text: empty };
  return { kind: "ready" };
}

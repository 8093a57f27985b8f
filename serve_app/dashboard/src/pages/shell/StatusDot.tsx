import { statusWord } from "../../parts/StatusBadge";

const TONES: Record<string, string> = {
  running: "bg-accent",
  cancelling: "bg-warn",
  interrupted: "bg-warn",
  completed: "bg-good",
  failed: "bg-bad",
};

/** A status as a dot, with its word for those who do not see the colour. */
export function StatusDot({ status }: { status: string }) {
  return (
    <span className="inline-flex shrink-0 items-center" title={statusWord(status)}>
      <span
        aria-hidden="true"
        className={`size-2 rounded-full ${TONES[status] ?? "bg-faint"} ${status === "running" ? "animate-pulse motion-reduce:animate-none" : ""}`}
      />
      <span className="sr-only">{statusWord(status)}</span>
    </span>
  );
}

/** Colour and wording of a status of a study or of a trial. The word is always there: colour alone says nothing. */
const TONES: Record<string, string> = {
  created: "bg-sunken text-muted",
  running: "bg-accent-soft text-accent",
  cancelling: "bg-warn-soft text-warn",
  completed: "bg-good-soft text-good",
  interrupted: "bg-warn-soft text-warn",
  pruned: "bg-sunken text-muted",
  diverged: "bg-bad-soft text-bad",
  failed: "bg-bad-soft text-bad",
  rejected: "bg-warn-soft text-warn",
  cancelled: "bg-sunken text-muted",
};

const WORDS: Record<string, string> = {
  created: "Starting",
  pruned: "Stopped early",
  rejected: "Too large",
};

export function statusWord(status: string): string {
  return WORDS[status] ?? status.charAt(0).toUpperCase() + status.slice(1);
}

export function StatusBadge({ status, className = "" }: { status: string; className?: string }) {
  return (
    <span
      data-status={status}
      className={`inline-flex h-5 shrink-0 items-center gap-1 rounded-full px-2 text-[12px] font-medium whitespace-nowrap ${TONES[status] ?? "bg-sunken text-muted"} ${className}`}
    >
      {status === "running" && (
        <span
          aria-hidden="true"
          className="size-1.5 animate-pulse rounded-full bg-current motion-reduce:animate-none"
        />
      )}
      {statusWord(status)}
    </span>
  );
}

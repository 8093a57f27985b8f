import { useLocation } from "wouter";
import { retryNow } from "../../live/feed";
import { useConnection } from "../../live/store";
import { connectionWords } from "../../model/connection";
import { useNow } from "../../state/useNow";

const TONES = {
  good: "bg-good-soft text-good",
  warn: "bg-warn-soft text-warn",
  bad: "bg-bad-soft text-bad",
  muted: "bg-sunken text-muted",
} as const;

/** Whether the page is up to date: "Connected", "Reconnecting in 4 s", "Stale since 14:02". A click does what helps. */
export function ConnectionPill() {
  const connection = useConnection();
  const now = useNow(1_000, connection.retryAt !== undefined);
  const [, navigate] = useLocation();
  const { tone, text, meaning } = connectionWords(connection, now);
  const help = () => {
    if (connection.kind === "outdated") window.location.reload();
    else if (connection.kind === "login") navigate("/login");
    else retryNow();
  };
  return (
    <>
      <button
        type="button"
        onClick={help}
        title={meaning}
        data-connection={connection.kind}
        className={`focus-ring inline-flex h-6 items-center gap-1.5 rounded-full px-2 text-[12px] font-medium whitespace-nowrap ${TONES[tone]}`}
      >
        <span aria-hidden="true" className="size-1.5 rounded-full bg-current" />
        {text}
      </button>
      <span role="status" className="sr-only">
        {connection.kind === "live" ? "" : connection.kind === "connecting" ? "" : meaning.split(" Click")[0]}
      </span>
    </>
  );
}

import { retryNow } from "../../live/feed";
import { useConnection } from "../../live/store";
import { time } from "../../model/format";
import { Button } from "../../parts/Button";

/** Above every page while the server does not answer: what is shown stays, and says how old it is. */
export function StaleNote() {
  const { kind, since } = useConnection();
  if (kind === "outdated") {
    return (
      <div
        role="status"
        className="flex flex-wrap items-center gap-3 border-b border-line bg-warn-soft px-4 py-2 text-warn"
      >
        <p className="min-w-0 flex-1">The server was updated. Reload the page to go on.</p>
        <Button size="small" onClick={() => window.location.reload()}>
          Reload
        </Button>
      </div>
    );
  }
  if (kind !== "stale") return null;
  const at = since === undefined ? "some time ago" : time(new Date(since).toISOString());
  return (
    <div
      role="status"
      data-stale
      className="flex flex-wrap items-center gap-3 border-b border-line bg-warn-soft px-4 py-2 text-warn"
    >
      <p className="min-w-0 flex-1">The server does not answer. This page shows what was known at {at}.</p>
      <Button size="small" onClick={retryNow}>
        Try again
      </Button>
    </div>
  );
}

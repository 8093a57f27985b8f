import type { Sending } from "../../api/useUpload";
import { wholePercent } from "../../model/format";
import { Bar, Button } from "../../parts";

/** How far an upload is, and the way to stop it. */
export function SendingBar({ sending, onStop, checks }: { sending: Sending; onStop: () => void; checks?: string }) {
  const share = sending?.kind === "sending" ? sending.share : null;
  const words = share === null ? (checks ?? "The server reads and checks the file …") : `${wholePercent(share)} sent`;
  return (
    <div className="flex min-w-0 items-center gap-3">
      <div className="min-w-0 flex-1">
        <Bar share={share ?? (sending === null ? null : 1)} label={share === null ? "Being checked" : "Sent"} />
        <p role="status" className="mt-1 text-[12px] text-muted">
          {words}
        </p>
      </div>
      <Button size="small" onClick={onStop}>
        Stop
      </Button>
    </div>
  );
}

import { Pause, Play } from "lucide-react";
import { useEffect, useState } from "react";
import { frameAt, frameSentence, type HealthFrame } from "../../model/epochHealth";
import { Button } from "../../parts/Button";
import { Panel } from "../../parts/Panel";

/** Milliseconds that each epoch is shown. */
const STEP_MS = 700;

interface Props {
  frames: readonly HealthFrame[];
  /** The shown epoch; null: the end of the trial. */
  epoch: number | null;
  onEpoch: (epoch: number | null) => void;
}

/** Replays the health of the layers, epoch by epoch. */
export function EpochSlider({ frames, epoch, onEpoch }: Props) {
  const last = frames.length - 1;
  const frame = epoch === null ? null : frameAt(frames, epoch);
  const place = frame === null ? last : frames.indexOf(frame);
  const [playing, setPlaying] = useState(false);
  useEffect(() => {
    if (!playing) return;
    if (place >= last) {
      setPlaying(false);
      return;
    }
    const timer = setTimeout(() => onEpoch(frames[place + 1]?.epoch ?? null), STEP_MS);
    return () => clearTimeout(timer);
  }, [playing, place, last, frames, onEpoch]);
  const play = () => {
    if (!playing && place >= last) onEpoch(frames[0]?.epoch ?? null);
    setPlaying(!playing);
  };
  const shown = frame ?? frames[last];
  const empty = { kind: "empty", text: "No epoch measured the layers yet." } as const;
  return (
    <Panel
      title="Health by epoch"
      question="When did a layer become unhealthy?"
      state={shown === undefined ? empty : undefined}
      actions={
        epoch !== null && (
          <Button size="small" onClick={() => onEpoch(null)}>
            Show the end
          </Button>
        )
      }
    >
      {shown !== undefined && (
        <>
          <p aria-live={playing ? "off" : "polite"}>{frameSentence(frames, shown)}</p>
          <div className="mt-2 flex items-center gap-3">
            <Button size="small" onClick={play} disabled={frames.length < 2}>
              {playing ? (
                <Pause aria-hidden="true" className="size-3.5" />
              ) : (
                <Play aria-hidden="true" className="size-3.5" />
              )}
              {playing ? "Pause" : "Play"}
            </Button>
            <input
              type="range"
              aria-label="Epoch"
              aria-valuetext={`Epoch ${shown.epoch}`}
              className="focus-ring h-6 min-w-0 flex-1 accent-accent"
              min={0}
              max={Math.max(0, last)}
              value={Math.max(0, place)}
              onChange={(event) => {
                setPlaying(false);
                onEpoch(frames[Number(event.target.value)]?.epoch ?? null);
              }}
            />
            <output className="w-20 text-right text-[12px] text-muted">Epoch {shown.epoch}</output>
          </div>
        </>
      )}
    </Panel>
  );
}

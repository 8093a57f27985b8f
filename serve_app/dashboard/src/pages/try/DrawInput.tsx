import { Eraser, Undo2 } from "lucide-react";
import { useId } from "react";
import { Button } from "../../parts";
import { DrawPad } from "./DrawPad";
import type { Inputs } from "./useInputs";

/** A pad to draw on, and what the model gets of the drawing. */
export function DrawInput({ inputs }: { inputs: Inputs }) {
  const { strokes, setStrokes, drawn } = inputs;
  const help = useId();
  return (
    <div className="flex flex-wrap items-start gap-4">
      <div className="w-full max-w-72 min-w-0">
        <DrawPad strokes={strokes} onChange={setStrokes} describedBy={help} />
      </div>
      <div className="flex min-w-36 flex-1 flex-col items-start gap-3">
        <div className="flex flex-wrap gap-2">
          <Button size="small" disabled={strokes.length === 0} onClick={() => setStrokes(strokes.slice(0, -1))}>
            <Undo2 aria-hidden="true" className="size-3.5" />
            Undo
          </Button>
          <Button size="small" disabled={strokes.length === 0} onClick={() => setStrokes([])}>
            <Eraser aria-hidden="true" className="size-3.5" />
            Clear
          </Button>
        </div>
        {drawn !== null && (
          <figure className="text-[12px] text-muted">
            <img
              src={drawn}
              alt="Your drawing as the model gets it"
              className="mb-1 size-24 rounded-[4px] border border-line [image-rendering:pixelated]"
            />
            <figcaption>What the model gets: scaled, centred and coloured like the study’s own images.</figcaption>
          </figure>
        )}
        <p id={help} className="text-[12px] text-muted">
          With the keyboard: arrow keys move the pen, Space puts it down and lifts it, Backspace takes a stroke back.
        </p>
      </div>
    </div>
  );
}

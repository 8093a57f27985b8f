import { type Ref, Suspense, useState } from "react";
import type { ColourBy, Scale } from "../../network/colours";
import { type NetworkHandle, NetworkView } from "../../network/index";
import type { LayerBox } from "../../network/types";
import { type Drawing as DrawingName, useCamera } from "./address";
import { Legend } from "./Legend";
import { ViewControls } from "./ViewControls";

interface Props {
  layers: readonly LayerBox[];
  selected: number | null;
  onSelect: (layer: number | null) => void;
  colourBy: ColourBy;
  scale: Scale;
  score: number | null;
  title: string;
  drawing: DrawingName;
  fold: boolean;
  morphKey: string | null;
  flow: boolean;
  handle: Ref<NetworkHandle>;
}

/** The drawing with its legend and its buttons. Owns the camera, so that a motion draws nothing else anew. */
export function Drawing({ colourBy, drawing, ...drawn }: Props) {
  const [view, setView] = useCamera();
  const [turns, setTurns] = useState(drawing === "3d");
  return (
    <div className="flex flex-col">
      <div className="relative aspect-[2/1] max-h-[min(62dvh,40rem)] min-h-64 w-full overflow-hidden border-y border-line">
        <Suspense fallback={null}>
          <NetworkView {...drawn} colorBy={colourBy} mode={drawing} view={view} onView={setView} onTurns={setTurns} />
        </Suspense>
      </div>
      <div className="flex flex-wrap items-end justify-between gap-x-4 gap-y-2 px-4 py-3">
        <div className="flex min-w-0 flex-1 basis-80 flex-col gap-1">
          <Legend by={colourBy} scale={drawn.scale} score={drawn.score} />
          <p className="text-[12px] text-faint">
            Lengths grow with the logarithm of the output. Keys: arrows select, {turns && "Shift turns, "}
            Alt moves, + and − zoom, 0 fits.
          </p>
        </div>
        <ViewControls view={view} onView={setView} turns={turns} />
      </div>
    </div>
  );
}

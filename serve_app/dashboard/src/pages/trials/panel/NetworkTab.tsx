import { Suspense, useState } from "react";
import { useLiveStudyPart } from "../../../live/store";
import { count } from "../../../model/format";
import { studyLink } from "../../../model/sentence";
import { scoresOf } from "../../../model/trialRecord";
import { NetworkView } from "../../../network";
import { ButtonLink, Panel, type PanelState, panelState, Skeleton } from "../../../parts";
import { Legend } from "../../network/Legend";
import { useScale } from "../../network/useScale";
import type { PanelTrial } from "./usePanelTrial";

/** The trial's network, flat, with the list of its layers. */
export function NetworkTab({ of }: { of: PanelTrial }) {
  const { id, number, query, detail, trial } = of;
  const [selected, setSelected] = useState<number | null>(null);
  const health = useLiveStudyPart(id, (study) => study.mode !== "simple") ?? false;
  const [scale] = useScale();
  const layers = detail?.visualization?.layers ?? [];
  const colourBy = health ? "health" : "score";
  const score = (trial && scoresOf(trial)?.total_score) ?? null;
  const none: PanelState = { kind: "empty", text: "The network was not built." };
  return (
    <Panel
      title="Network"
      state={query.isSuccess && layers.length === 0 ? none : panelState(query)}
      actions={
        <ButtonLink size="small" href={studyLink(id, "network", { trial: number })}>
          Open in 3D
        </ButtonLink>
      }
    >
      <div className="relative h-56 min-w-0 overflow-hidden rounded-button bg-sunken">
        <Suspense fallback={<Skeleton className="p-4" />}>
          <NetworkView
            layers={layers}
            mode="svg"
            colorBy={colourBy}
            scale={scale}
            score={score}
            selected={selected}
            onSelect={setSelected}
            title={`Network of trial ${number}`}
          />
        </Suspense>
      </div>
      <p className="my-2 text-[12px] text-muted">
        {count(layers.length)} layers with the input, {count(detail?.visualization?.total_parameters)} parameters.
      </p>
      <Legend by={colourBy} scale={scale} score={score} />
      <Layers layers={layers} selected={selected} onSelect={setSelected} />
    </Panel>
  );
}

interface LayerRow {
  layer_id: string;
  layer_type: string;
  output_shape: readonly (number | null)[];
  parameters: number;
}

function Layers(props: { layers: readonly LayerRow[]; selected: number | null; onSelect: (layer: number) => void }) {
  return (
    <table className="mt-2 w-full text-[12px]">
      <thead>
        <tr className="text-left text-muted">
          <th scope="col" className="py-1 pr-2 font-medium">
            Layer
          </th>
          <th scope="col" className="py-1 pr-2 font-medium">
            Output
          </th>
          <th scope="col" className="py-1 text-right font-medium">
            Parameters
          </th>
        </tr>
      </thead>
      <tbody>
        {props.layers.map((layer, place) => (
          <tr
            key={layer.layer_id}
            className={`border-t border-line ${place === props.selected ? "bg-accent-soft" : ""}`}
          >
            <td className="w-full max-w-0 py-1 pr-2">
              <button
                type="button"
                aria-pressed={place === props.selected}
                onClick={() => props.onSelect(place)}
                className="focus-ring w-full truncate rounded text-left hover:underline"
              >
                {layer.layer_type}
              </button>
            </td>
            <td className="py-1 pr-2 whitespace-nowrap">{layer.output_shape.map((side) => side ?? "any").join("×")}</td>
            <td className="py-1 text-right">{count(layer.parameters)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

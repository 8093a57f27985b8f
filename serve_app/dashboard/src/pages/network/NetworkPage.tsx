import { useRef } from "react";
import { percent } from "../../model/format";
import { hasEnded } from "../../model/verdict";
import type { NetworkHandle } from "../../network/index";
import { Button } from "../../parts/Button";
import { Empty } from "../../parts/Empty";
import { Panel, type PanelState, panelState } from "../../parts/Panel";
import { useColourBy, useDrawing, useLayerName, useUnfolded } from "./address";
import { Drawing } from "./Drawing";
import { networkFacts, networkVerdict } from "./facts";
import { Facts, LayerDetails } from "./LayerDetails";
import { LayerList } from "./LayerList";
import { SaveButtons } from "./SaveButtons";
import { Toolbar } from "./Toolbar";
import { useScale } from "./useScale";
import { useShownTrial } from "./useShownTrial";

/** The network of a trial, drawn in 3D or flat, and the same layers in words beside it. */
export default function NetworkPage({ id }: { id: string }) {
  const shown = useShownTrial(id);
  const [drawing, setDrawing] = useDrawing();
  const [colour, setColour] = useColourBy();
  const [scale, setScale] = useScale();
  const [unfolded, setUnfolded] = useUnfolded();
  const [layerName, setLayerName] = useLayerName();
  const view = useRef<NetworkHandle>(null);
  const { trial, number, best, query, job } = shown;

  if (number === null) {
    const waits = job.isPending || job.isError;
    return (
      <div data-page="network">
        {waits ? (
          <Panel title="Network" state={panelState(job)} />
        ) : (
          <Empty title="No network yet" text="It is drawn as soon as the first trial has built its network." />
        )}
      </div>
    );
  }

  const layers = trial?.visualization?.layers ?? [];
  const measuresHealth =
    job.data?.mode !== "simple" && (job.data !== undefined || layers.some(({ health }) => health !== null));
  const colourBy = colour === "health" && !measuresHealth ? "score" : colour;
  const score = trial?.performance?.total_score ?? null;
  const found = layers.findIndex(({ layer_id }) => layer_id === layerName);
  const selected = found < 0 ? null : found;
  const select = (layer: number | null) => setLayerName(layer === null ? "" : (layers[layer]?.layer_id ?? ""));
  const isBest = trial?.trial_number === best;
  const ended = hasEnded(job.data?.status ?? "");
  const drawnNumber = trial?.trial_number ?? number;
  const title = `Network of trial ${drawnNumber}`;
  const painted = { layers, selected, onSelect: select, colourBy, scale, score };
  const chosen = selected === null ? undefined : layers[selected];

  return (
    <div data-page="network" className="flex min-w-0 flex-col gap-4">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <p className="min-w-0 flex-1 basis-72">
          {isBest ? `Trial ${drawnNumber} is the best${ended ? "" : " so far"}` : `Trial ${drawnNumber}`}
          {score === null ? ", no score yet" : `, total score ${percent(score)}`}
          {layers.length > 0 ? `. Its network has ${networkVerdict(layers)}` : "."}
        </p>
        {!shown.follows && best !== null && number !== best && (
          <Button size="small" onClick={() => shown.choose(null)}>
            Show the best trial
          </Button>
        )}
      </div>
      <Toolbar
        trial={number}
        choices={shown.choices}
        onTrial={shown.choose}
        drawing={drawing}
        onDrawing={setDrawing}
        colourBy={colourBy}
        onColourBy={setColour}
        scale={scale}
        onScale={setScale}
        layers={layers}
        unfolded={unfolded}
        onUnfolded={setUnfolded}
        measuresHealth={measuresHealth}
      />
      <div className="grid min-w-0 items-start gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <Panel
          title={title}
          state={drawingState(query, trial !== undefined, layers.length > 0, number)}
          flush
          actions={
            layers.length > 0 && (
              <SaveButtons
                id={id}
                trial={drawnNumber}
                isBest={isBest}
                best={best}
                document={trial?.visualization ?? null}
                view={view}
                title={title}
                fold={!unfolded}
                {...painted}
              />
            )
          }
        >
          <Drawing
            {...painted}
            title={title}
            drawing={drawing}
            fold={!unfolded}
            morphKey={trial?.trial_number ?? null}
            handle={view}
          />
        </Panel>
        <div className="flex min-w-0 flex-col gap-4">
          <Panel title={chosen ? `Layer ${chosen.layer_id}` : "Network in numbers"}>
            {chosen ? (
              <LayerDetails layer={chosen} epochs={trial?.curves ?? []} measuresHealth={measuresHealth} />
            ) : trial ? (
              <Facts facts={networkFacts(layers, trial, measuresHealth, job.data?.spec?.health_weights)} />
            ) : null}
          </Panel>
          {layers.length > 0 && (
            <Panel title="Layers" question="Which layers does the network have?" flush>
              <LayerList {...painted} measuresHealth={measuresHealth} />
            </Panel>
          )}
        </div>
      </div>
    </div>
  );
}

type Query = Parameters<typeof panelState>[0];

function drawingState(query: Query, known: boolean, drawn: boolean, number: number): PanelState {
  const state = panelState(query);
  // The network of the trial before stays until the next one is there.
  if (state.kind === "loading" && drawn) return { kind: "ready" };
  if (state.kind !== "ready" && state.kind !== "partial") return state;
  if (known && !drawn) return { kind: "empty", text: `Trial ${number} has no network: it has not been built.` };
  return state;
}

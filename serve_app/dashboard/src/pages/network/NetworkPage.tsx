import { useMemo, useRef } from "react";
import { frameAt, healthFrames, withHealth } from "../../model/epochHealth";
import { percent } from "../../model/format";
import { hasEnded } from "../../model/verdict";
import type { NetworkHandle } from "../../network/index";
import type { LayerBox } from "../../network/types";
import { Button } from "../../parts/Button";
import { Empty } from "../../parts/Empty";
import { Panel, panelState } from "../../parts/Panel";
import { useColourBy, useDrawing, useEpochParam, useLayerName, useUnfolded } from "./address";
import { Comparison } from "./Comparison";
import { Drawing } from "./Drawing";
import { EpochSlider } from "./EpochSlider";
import { networkFacts, networkVerdict } from "./facts";
import { Facts, LayerDetails } from "./LayerDetails";
import { LayerList } from "./LayerList";
import { SaveButtons } from "./SaveButtons";
import { drawingState, shownColour, titleOf } from "./shown";
import { Toolbar } from "./Toolbar";
import { useFlowChoice } from "./useFlowChoice";
import { useOverlay } from "./useOverlay";
import { useScale } from "./useScale";
import { useShownTrial } from "./useShownTrial";
import { WhatIf } from "./WhatIf";

const NO_LAYERS: readonly LayerBox[] = [];

/** The network of a trial, drawn in 3D or flat, and the same layers in words beside it. */
export default function NetworkPage({ id }: { id: string }) {
  const shown = useShownTrial(id);
  const [drawing, setDrawing] = useDrawing();
  const [colour, setColour] = useColourBy();
  const [scale, setScale] = useScale();
  const [unfolded, setUnfolded] = useUnfolded();
  const [layerName, setLayerName] = useLayerName();
  const [epoch, setEpoch] = useEpochParam();
  const [flow, setFlow] = useFlowChoice();
  const view = useRef<NetworkHandle>(null);
  const { trial, number, best, query, job } = shown;
  const over = useOverlay(id, trial, job.data?.spec);
  const frames = useMemo(() => healthFrames(trial?.curves ?? []), [trial]);
  const plain = trial?.visualization?.layers ?? NO_LAYERS;
  const frame = epoch === null || over.kind !== "none" ? null : frameAt(frames, epoch);
  const replayed = useMemo(() => (frame === null ? plain : withHealth(plain, frame)), [plain, frame]);

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

  const layers = over.overlay?.layers ?? replayed;
  const measuresHealth =
    job.data?.mode !== "simple" && (job.data !== undefined || plain.some(({ health }) => health !== null));
  const colourBy = shownColour(colour, over.kind !== "none", frame !== null, measuresHealth);
  const score = trial?.performance?.total_score ?? null;
  const found = layers.findIndex(({ layer_id }) => layer_id === layerName);
  const selected = found < 0 ? null : found;
  const select = (layer: number | null) => setLayerName(layer === null ? "" : (layers[layer]?.layer_id ?? ""));
  const isBest = trial?.trial_number === best;
  const ended = hasEnded(job.data?.status ?? "");
  const drawnNumber = trial?.trial_number ?? number;
  const title = titleOf(over.kind, drawnNumber, over.other);
  const painted = { layers, selected, onSelect: select, colourBy, scale, score };
  const chosen = selected === null ? undefined : layers[selected];

  return (
    <div data-page="network" className="flex min-w-0 flex-col gap-4">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <p className="min-w-0 flex-1 basis-72">
          {isBest ? `Trial ${drawnNumber} is the best${ended ? "" : " so far"}` : `Trial ${drawnNumber}`}
          {score === null ? ", no score yet" : `, total score ${percent(score)}`}
          {plain.length > 0 ? `. Its network has ${networkVerdict(plain)}` : "."}
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
        other={over.other}
        onOther={over.choose}
        tries={over.kind === "what-if"}
        onTries={over.setOpen}
        drawing={drawing}
        onDrawing={setDrawing}
        colourBy={colourBy}
        onColourBy={(by) => {
          if (by !== "health") setEpoch(null);
          setColour(by === "difference" ? "score" : by);
        }}
        scale={scale}
        onScale={setScale}
        layers={layers}
        unfolded={unfolded}
        onUnfolded={setUnfolded}
        measuresHealth={measuresHealth}
        flow={flow}
        onFlow={setFlow}
      />
      <div className="grid min-w-0 items-start gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="flex min-w-0 flex-col gap-4">
          <Panel
            title={title}
            state={drawingState(query, trial !== undefined, plain.length > 0, number)}
            flush
            actions={
              layers.length > 0 && (
                <SaveButtons
                  id={id}
                  trial={drawnNumber}
                  isBest={isBest}
                  best={best}
                  document={over.overlay ?? trial?.visualization ?? null}
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
              morphKey={
                trial === undefined ? null : `${over.kind} ${trial.trial_number} ${over.second?.trial_number ?? ""}`
              }
              flow={flow}
              handle={view}
            />
          </Panel>
          {over.kind === "what-if" && trial !== undefined && (
            <WhatIf
              id={id}
              tried={over.whatIf}
              trial={trial}
              spec={job.data?.spec}
              onClose={() => over.setOpen(false)}
            />
          )}
          {over.kind === "with" && trial !== undefined && (
            <Comparison
              first={trial}
              second={over.second}
              overlay={over.overlay}
              state={over.state}
              measuresHealth={measuresHealth}
            />
          )}
          {over.kind === "none" && measuresHealth && plain.length > 0 && (
            <EpochSlider frames={frames} epoch={epoch} onEpoch={setEpoch} />
          )}
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <Panel title={chosen ? `Layer ${chosen.layer_id}` : "Network in numbers"}>
            {chosen ? (
              <LayerDetails layer={chosen} epochs={trial?.curves ?? []} measuresHealth={measuresHealth} />
            ) : trial ? (
              <Facts facts={networkFacts(plain, trial, measuresHealth, job.data?.spec?.health_weights)} />
            ) : null}
          </Panel>
          {layers.length > 0 && (
            <Panel title="Layers" question="Which layers does the network have?" flush>
              <LayerList {...painted} measuresHealth={measuresHealth && over.kind === "none"} />
            </Panel>
          )}
        </div>
      </div>
    </div>
  );
}

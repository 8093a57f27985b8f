import { FlaskConical, Pause, Play } from "lucide-react";
import { type ReactNode, useMemo } from "react";
import type { ColourBy, Scale } from "../../network/colours";
import { layoutNetwork } from "../../network/layout";
import { reducedMotion } from "../../network/reducedMotion";
import type { LayerBox } from "../../network/types";
import { Button } from "../../parts/Button";
import { Segmented } from "../../parts/Segmented";
import { Select } from "../../parts/Select";
import type { Drawing } from "./address";
import type { Choice } from "./choices";

interface Props {
  trial: number;
  choices: readonly Choice[];
  onTrial: (trial: number) => void;
  /** The trial that is laid over it; null: none. */
  other: number | null;
  onOther: (trial: number | null) => void;
  /** Whether other hyperparameters are tried. */
  tries: boolean;
  onTries: (tries: boolean) => void;
  flow: boolean;
  onFlow: (flow: boolean) => void;
  drawing: Drawing;
  onDrawing: (drawing: Drawing) => void;
  colourBy: ColourBy;
  onColourBy: (by: ColourBy) => void;
  scale: Scale;
  onScale: (scale: Scale) => void;
  layers: readonly LayerBox[];
  unfolded: boolean;
  onUnfolded: (unfolded: boolean) => void;
  measuresHealth: boolean;
}

const DRAWING_OPTIONS = [
  { value: "3d", label: "3D" },
  { value: "svg", label: "Flat" },
] as const;

/** Which trial is drawn, beside which other network; below it, how. */
export function Toolbar(props: Props) {
  const { trial, choices, drawing, colourBy, scale, unfolded, measuresHealth, layers } = props;
  const repeats = useMemo(() => layoutNetwork(layers).repeats.length > 0, [layers]);
  const compares = props.other !== null || props.tries;
  const colours: { value: ColourBy; label: string }[] = compares
    ? [
        { value: "difference", label: "Difference" },
        { value: "parameters", label: "Parameters" },
      ]
    : [
        { value: "score", label: "Total score" },
        { value: "kind", label: "Kind of layer" },
        ...(measuresHealth ? [{ value: "health" as const, label: "Layer health" }] : []),
        { value: "parameters", label: "Parameters" },
      ];
  const others = [NONE, ...choices.filter(({ value }) => value !== String(trial))];
  return (
    <div className="flex flex-col gap-2">
      <div className={ROW}>
        <Labelled text="Trial">
          <Select
            className="w-64 sm:w-72"
            value={String(trial)}
            options={choices}
            onChange={(next) => props.onTrial(Number(next))}
          />
        </Labelled>
        {!props.tries && (
          <Labelled text="Compare with">
            <Select
              className="w-56"
              value={props.other === null ? "" : String(props.other)}
              options={withChosen(others, props.other)}
              disabled={others.length === 1 && props.other === null}
              onChange={(next) => props.onOther(next === "" ? null : Number(next))}
            />
          </Labelled>
        )}
        {!props.tries && (
          <Button size="small" onClick={() => props.onTries(true)}>
            <FlaskConical aria-hidden="true" className="size-3.5" />
            What if …
          </Button>
        )}
      </div>
      <div className={ROW}>
        <Segmented label="Drawing" value={drawing} options={DRAWING_OPTIONS} onChange={props.onDrawing} />
        <Labelled text="Colour">
          <Select className="w-36" value={colourBy} options={colours} onChange={props.onColourBy} />
        </Labelled>
        <Check
          text="Colour-blind scale"
          checked={scale === "colour-blind"}
          onChange={(on) => props.onScale(on ? "colour-blind" : "usual")}
        />
        {drawing === "3d" && !reducedMotion() && (
          <Button size="small" onClick={() => props.onFlow(!props.flow)}>
            {props.flow ? (
              <Pause aria-hidden="true" className="size-3.5" />
            ) : (
              <Play aria-hidden="true" className="size-3.5" />
            )}
            {props.flow ? "Pause the data flow" : "Show the data flow"}
          </Button>
        )}
        {repeats && <Check text="Fold repeats" checked={!unfolded} onChange={(on) => props.onUnfolded(!on)} />}
      </div>
    </div>
  );
}

/** What is known later comes last, and nothing changes its width: the drawing below must not move. */
const ROW = "flex flex-wrap items-center gap-x-4 gap-y-2";

const NONE: Choice = { value: "", label: "no other trial" };

/** A trial of the address that the list does not offer stays chosen. */
function withChosen(options: readonly Choice[], chosen: number | null): readonly Choice[] {
  const value = String(chosen);
  if (chosen === null || options.some((option) => option.value === value)) return options;
  return [...options, { value, label: `Trial ${chosen}` }];
}

function Labelled({ text, children }: { text: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child
    <label className="flex min-w-0 items-center gap-2 text-[12px] text-muted">
      {text}
      {children}
    </label>
  );
}

function Check({ text, checked, onChange }: { text: string; checked: boolean; onChange: (on: boolean) => void }) {
  return (
    <label className="flex min-h-9 cursor-pointer items-center gap-2 text-[13px]">
      <input
        type="checkbox"
        className="size-4 accent-accent"
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
      />
      {text}
    </label>
  );
}

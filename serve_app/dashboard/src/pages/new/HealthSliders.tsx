import { useRef } from "react";
import { wholePercent } from "../../model/format";
import { defaultWeights } from "../../model/specCopy";
import { targetOf, withValue, withWeights } from "../../model/specDraft";
import { label } from "../../model/specOptions";
import { type Weights, withWeight } from "../../model/specWeights";
import { Button, Panel } from "../../parts";
import { useField, useForm } from "./form";

/** How much accuracy and each part of health count. Only where the target measures health. */
export function HealthSliders() {
  const { draft, options, errors, change } = useForm();
  const accuracy = useField("accuracy_weight");
  const standard = defaultWeights(options);
  const weights = draft.weights ?? standard;
  // The proportions of the others are those from before this slider was first moved: no drag wears them away.
  const moved = useRef<{ name: string; base: Weights } | null>(null);
  const move = (name: string, share: number) => {
    if (moved.current?.name !== name) moved.current = { name, base: weights };
    change((before) => withWeights(before, withWeight(moved.current?.base ?? weights, name, share)));
  };
  const reset = () => {
    moved.current = null;
    change((before) => withWeights(withValue(before, "accuracy_weight", ""), null));
  };
  const share = Number(accuracy.text || accuracy.effective);
  const isHealth = targetOf(draft) === "health";
  return (
    <Panel
      title="What counts"
      question={`${isHealth ? "The total score is made of accuracy and health. " : ""}The six parts of health always add up to 100 %.`}
    >
      <div className="@container flex flex-col gap-4">
        {isHealth && (
          <Slider
            name="accuracy_weight"
            title="Accuracy"
            meaning="Weight of the accuracy in the total score; health has the rest."
            share={share}
            error={errors.get("accuracy_weight")}
            onMove={(value) => accuracy.set(String(value))}
          />
        )}
        <div data-field="health_weights" className="grid gap-x-6 gap-y-4 @md:grid-cols-2">
          {Object.keys(standard).map((name) => (
            <Slider
              key={name}
              name={`health_weights.${name}`}
              title={label(name)}
              meaning={withoutRange(options.find((one) => one.name === `health_weights.${name}`)?.meaning ?? "")}
              share={weights[name] ?? 0}
              onMove={(value) => move(name, value)}
            />
          ))}
        </div>
        <Button size="small" className="self-start" onClick={reset}>
          Use the defaults
        </Button>
        {errors.has("health_weights") && (
          <p role="alert" className="text-[12px] text-bad">
            {errors.get("health_weights")}
          </p>
        )}
      </div>
    </Panel>
  );
}

/** The slider shows percent: "…, 0 to 1." would be another unit. */
function withoutRange(meaning: string): string {
  return meaning.replace(/, 0 to 1\.$/, ".");
}

interface SliderProps {
  name: string;
  title: string;
  meaning: string;
  share: number;
  error?: string;
  onMove: (share: number) => void;
}

function Slider({ name, title, meaning, share, error, onMove }: SliderProps) {
  return (
    <div data-field={name} className="min-w-0">
      <label className="flex flex-col gap-1">
        <span className="flex justify-between gap-2 text-[13px]">
          <span>{title}</span>
          <output className="font-medium">{wholePercent(share)}</output>
        </span>
        <input
          type="range"
          min={0}
          max={1}
          step={0.01}
          value={share}
          aria-valuetext={wholePercent(share)}
          onChange={(event) => onMove(event.target.valueAsNumber)}
          className="focus-ring h-6 w-full cursor-pointer accent-accent"
        />
      </label>
      <p className="text-[12px] text-muted">{meaning}</p>
      {error && (
        <p role="alert" className="text-[12px] text-bad">
          {error}
        </p>
      )}
    </div>
  );
}

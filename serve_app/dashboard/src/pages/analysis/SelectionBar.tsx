import { X } from "lucide-react";
import { conditionText } from "../../model/analysis/brush";
import { withCondition, writeSelection } from "../../model/analysis/selection";
import { count } from "../../model/format";
import { plural, studyLink } from "../../model/sentence";
import { Button, ButtonLink } from "../../parts";
import { codecs, useParam } from "../../state/url";
import { AxisSelect } from "./AxisSelect";
import type { Analysis } from "./useAnalysis";
import { useSelection } from "./useSelection";

const RESULT = codecs.text("objective");

/** Which trials all panels show, by which result, and how to see them in the list. It stays in view. */
export function SelectionBar({ analysis }: { analysis: Analysis }) {
  const { id, ended, chosen, result, metrics, parameters } = analysis;
  const { selection, setSelection } = useSelection();
  const [, setResult] = useParam("result", RESULT);
  const axes = [...parameters, ...metrics];
  const all = selection.length === 0;
  const list = (view: string | null) => studyLink(id, "trials", { trials: writeSelection(selection), view });
  return (
    <section
      aria-label="Selected trials"
      className="panel z-20 flex min-w-0 flex-wrap items-end md:sticky md:top-0 gap-x-4 gap-y-2 px-4 py-2"
    >
      <AxisSelect label="Result in the figures" value={result} axes={metrics} onChange={setResult} />
      <div className="flex min-w-0 flex-1 basis-60 flex-col gap-1.5">
        <p role="status" data-selected={chosen.length}>
          {all
            ? `All ${plural(ended.length, "trial")} that ended. Drag on a figure to select some.`
            : `${count(chosen.length)} of ${plural(ended.length, "trial")} selected, in all figures.`}
        </p>
        {!all && (
          <div className="flex min-w-0 flex-wrap gap-1.5">
            {selection.map((condition) => {
              const axis = axes.find(({ key }) => key === condition.key);
              const text = conditionText(axis, condition);
              return (
                <button
                  key={condition.key}
                  type="button"
                  aria-label={`Remove: ${text}`}
                  onClick={() => setSelection(withCondition(selection, condition.key, []))}
                  className="focus-ring inline-flex min-h-7 max-w-full items-center gap-1.5 rounded-full border border-accent bg-accent-soft px-2.5 text-left text-[12px] text-accent"
                >
                  <span className="min-w-0 break-words">{text}</span>
                  <X aria-hidden="true" className="size-3.5 shrink-0" />
                </button>
              );
            })}
          </div>
        )}
      </div>
      {!all && (
        <div className="flex flex-wrap items-center gap-2">
          {chosen.length > 0 && (
            <>
              <ButtonLink href={list(null)} kind="primary" size="small">
                Show {chosen.length === 1 ? "this trial" : `these ${count(chosen.length)} trials`}
              </ButtonLink>
              <ButtonLink href={list("table")} size="small">
                As a table
              </ButtonLink>
            </>
          )}
          <Button size="small" onClick={() => setSelection([])}>
            Clear
          </Button>
        </div>
      )}
    </section>
  );
}

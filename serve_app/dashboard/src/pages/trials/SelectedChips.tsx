import { X } from "lucide-react";
import { conditionText } from "../../model/analysis/brush";
import { type Selection, withCondition } from "../../model/analysis/selection";
import { capital } from "../../model/sentence";
import { writeSelected } from "../../model/trialView";
import { writeParams } from "../../state/url";

/** What was selected on the page of analyses: each condition can be removed. */
export function SelectedChips({ selection }: { selection: Selection }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out in one line with its legend
    <div role="group" aria-label="Selected in the analysis" className="flex min-w-0 flex-wrap items-center gap-1.5">
      <span aria-hidden="true" className="mr-0.5 text-[12px] text-muted">
        Selected in the analysis
      </span>
      {selection.map((condition) => {
        const text = capital(conditionText(undefined, condition));
        return (
          <button
            key={condition.key}
            type="button"
            aria-label={`Remove: ${text}`}
            onClick={() => writeParams(writeSelected(withCondition(selection, condition.key, [])), { push: true })}
            className="focus-ring inline-flex min-h-7 max-w-full items-center gap-1.5 rounded-full border border-accent bg-accent-soft px-2.5 text-left text-[12px] text-accent"
          >
            <span className="min-w-0 break-words">{text}</span>
            <X aria-hidden="true" className="size-3.5 shrink-0" />
          </button>
        );
      })}
    </div>
  );
}

import { count, duration, percent } from "../../model/format";
import { Panel } from "../../parts";
import type { StudyHead } from "./useStudyHead";

/** What a plain method reaches on the same data: a search that does not beat it was not worth it. */
export function Baseline({ head }: { head: StudyHead }) {
  const { baseline } = head;
  const empty =
    head.status === "running" || head.status === "created"
      ? "It is fitted while the first trials train."
      : "No baseline was fitted.";
  return (
    <div id="baseline" className="h-full scroll-mt-20">
      <Panel
        title="Baseline"
        question="What does a plain method reach?"
        className="h-full min-h-[120px]"
        state={baseline ? { kind: "ready" } : { kind: "empty", text: empty }}
      >
        {baseline && (
          <>
            <p>{baseline.name}</p>
            <dl className="mt-1 flex flex-wrap gap-x-6 gap-y-1 text-[12px]">
              {rows(head, baseline).map(([label, value]) => (
                <div key={label}>
                  <dt className="text-muted">{label}</dt>
                  <dd className="text-[14px] font-medium">{value}</dd>
                </div>
              ))}
            </dl>
            <p className="mt-2 text-[12px] text-muted">
              Learned from {count(baseline.training_samples)} samples in {duration(baseline.seconds)}. Always answering
              the most frequent class reaches {percent(baseline.majority_val_accuracy)}.
            </p>
          </>
        )}
      </Panel>
    </div>
  );
}

function rows(head: StudyHead, baseline: NonNullable<StudyHead["baseline"]>): [string, string][] {
  const found: [string, string][] = [
    ["Validation accuracy", `${percent(baseline.val_accuracy)} (best network ${percent(head.progress.best_accuracy)})`],
  ];
  // The test data are looked at once, at the end: before that, the baseline's result on them is not shown either.
  if (head.test_accuracy !== null) {
    found.push(["Test accuracy", `${percent(baseline.test_accuracy)} (best network ${percent(head.test_accuracy)})`]);
  }
  return found;
}

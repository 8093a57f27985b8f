import { lazy, Suspense, useMemo } from "react";
import { compareRows } from "../../model/compare/trialRows";
import { compareSentences } from "../../model/compare/trialSentences";
import { listed, studyLink } from "../../model/sentence";
import { Boundary, Empty, ErrorNote, Loading, Panel } from "../../parts";
import { codecs, useParam } from "../../state/url";
import { useStudyHead } from "../live/useStudyHead";
import { Words } from "../live/Words";
import { trialChoices } from "../network/choices";
import { closeTrial, useTrialHref } from "../trials/trialHref";
import { CurvesPanel } from "./CurvesPanel";
import { EndsPanel } from "./EndsPanel";
import { LayersPanel } from "./LayersPanel";
import { SideBySide } from "./SideBySide";
import { TrialChips } from "./TrialChips";
import { type ComparedTrials, useComparedTrials } from "./useComparedTrials";
import { useKnownImportance } from "./useKnownImportance";

const TrialPanel = lazy(() => import("../trials/TrialPanel"));
const TRIAL = codecs.number(null);

/** Two to four trials of a study side by side: which one is better, and in what they differ. */
export default function CompareTrialsPage({ id }: { id: string }) {
  const of = useComparedTrials(id);
  const { numbers, study, job } = of;
  const [open] = useParam("trial", TRIAL);
  const choices = useMemo(
    () => trialChoices([...(study?.trials.values() ?? [])], job.data?.best_trial_number ?? null, null, job.data?.mode),
    [study, job.data?.best_trial_number, job.data?.mode],
  );
  return (
    <div data-page="compare" className="flex min-w-0 flex-col gap-3">
      <h2 className="sr-only">Compare trials</h2>
      <TrialChips numbers={numbers} choices={choices} />
      {!of.named && numbers.length > 1 && (
        <p className="text-[12px] text-muted">These are the best two so far. “Compare” on a trial's card adds it.</p>
      )}
      {of.missing.length > 0 && (
        <p role="status" className="rounded-button bg-warn-soft px-3 py-2 text-warn">
          This study has no {listed(of.missing.map((number) => `trial ${number}`))}.
        </p>
      )}
      {of.error !== null && <ErrorNote error={of.error} retry={of.refetch} />}
      <Content id={id} of={of} />
      {open !== null && (
        <Boundary title={`Trial ${open}`}>
          <Suspense fallback={null}>
            <TrialPanel id={id} number={open} onClose={closeTrial} />
          </Suspense>
        </Boundary>
      )}
    </div>
  );
}

function Content({ id, of }: { id: string; of: ComparedTrials }) {
  const { compared, numbers, study } = of;
  if (numbers.length === 0 && study?.loadedTrials === true) {
    return (
      <Empty
        title="Nothing to compare yet"
        text="Trials can be compared as soon as two of them have a result."
        href={studyLink(id, "trials")}
        action="Open the trials"
      />
    );
  }
  // All panels come at once: nothing moves down when the curves and layers arrive.
  if (of.isPending || numbers.length === 0) return <Loading lines={6} />;
  if (compared.length === 0) return null;
  if (compared.length === 1 && numbers.length === 1) {
    return (
      <Empty
        title="One trial is chosen"
        text="Choose a second one above, or with “Compare” in the list of trials."
        href={studyLink(id, "trials", { compare: numbers.join() })}
        action="Open the trials"
      />
    );
  }
  return <Panels id={id} of={of} />;
}

function Panels({ id, of }: { id: string; of: ComparedTrials }) {
  const { compared, objective, job } = of;
  const head = useStudyHead(id);
  const href = useTrialHref();
  const importance = useKnownImportance(id);
  const health = (head?.mode ?? job.data?.mode ?? "simple") !== "simple";
  const trials = useMemo(() => compared.map(({ trial }) => trial), [compared]);
  const rows = useMemo(() => compareRows(trials, health), [trials, health]);
  const classes = job.data?.data?.classes;
  const samples = classes ? classes.reduce((sum, one) => sum + one.validation, 0) : null;
  const sentences = compareSentences(trials, { href, objective, samples, importance });
  const noLayers = compared.every(({ detail }) => (detail?.visualization?.layers ?? []).length === 0);
  return (
    <>
      <Panel title="Result" question="Which one is better, and in what do they differ?">
        {sentences.map((sentence, place) => (
          <span key={place}>
            <Words of={sentence} />{" "}
          </span>
        ))}
      </Panel>
      <div className="grid min-w-0 gap-3 xl:grid-cols-[minmax(0,1.4fr)_minmax(0,1fr)] xl:items-start">
        <CurvesPanel id={id} compared={compared} />
        <EndsPanel compared={compared} objectives={head?.objectives ?? job.data?.objectives ?? []} />
      </div>
      <SideBySide
        title="Side by side"
        question="Which settings and results differ?"
        heads={compared.map(({ number }) => `Trial ${number}`)}
        rows={rows}
        file={`${id}-trials-${compared.map(({ number }) => number).join("-")}`}
      />
      <LayersPanel
        id={id}
        compared={compared}
        state={noLayers ? { kind: "empty", text: "None of these networks was built." } : { kind: "ready" }}
      />
    </>
  );
}

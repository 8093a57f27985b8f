import { type ComponentType, lazy, memo, Suspense, useDeferredValue } from "react";
import { reopen } from "../../live/feed";
import { useLiveStudyPart, useLoadError } from "../../live/store";
import { studyLink } from "../../model/sentence";
import { hasEnded } from "../../model/verdict";
import { Boundary, Empty, ErrorNote, Loading } from "../../parts";
import { codecs, useParam } from "../../state/url";
import { closeTrial } from "../trials/trialHref";
import { ContourPanel } from "./ContourPanel";
import { ImportancePanel } from "./ImportancePanel";
import { NextPanel } from "./NextPanel";
import { ParallelPanel } from "./ParallelPanel";
import { ParetoPanel } from "./ParetoPanel";
import { ProblemsPanel } from "./ProblemsPanel";
import { RungsPanel } from "./RungsPanel";
import { SelectionBar } from "./SelectionBar";
import { SlicePanel } from "./SlicePanel";
import { TimelinePanel } from "./TimelinePanel";
import { type Analysis, useAnalysis } from "./useAnalysis";

const TrialPanel = lazy(() => import("../trials/TrialPanel"));
const TRIAL = codecs.number(null);

/** A panel that is drawn after the figure that a person moves: a task of its own, which the next move interrupts. */
function later(Shown: ComponentType<{ analysis: Analysis }>) {
  const Drawn = memo(Shown);
  return function Later({ analysis }: { analysis: Analysis }) {
    return <Drawn analysis={useDeferredValue(analysis)} />;
  };
}

/** Each panel, under the title that its fault is reported with. */
const PANELS = [
  ["Importance", later(ImportancePanel), ""],
  ["What to try next", Next, ""],
  ["Parallel coordinates", ParallelPanel, "xl:col-span-2"],
  ["Slice", later(SlicePanel), ""],
  ["Contour", later(ContourPanel), ""],
  ["Pareto front", later(ParetoPanel), ""],
  ["Rungs", later(RungsPanel), ""],
  ["Timeline", later(TimelinePanel), "xl:col-span-2"],
  ["Training problems", later(ProblemsPanel), "xl:col-span-2"],
] as const;

function Next({ analysis }: { analysis: Analysis }) {
  return <NextPanel id={analysis.id} status={analysis.study.status} />;
}

/** Why trials did well or badly. One selection holds for all figures. */
export default function AnalysisPage({ id }: { id: string }) {
  const analysis = useAnalysis(id);
  const any = useLiveStudyPart(id, (study) => study.trials.size > 0) ?? false;
  const status = useLiveStudyPart(id, (study) => study.status) ?? "";
  const fault = useLoadError(id);
  const [open] = useParam("trial", TRIAL);
  return (
    <div data-page="analysis" className="flex min-w-0 flex-col gap-3">
      <h2 className="sr-only">Analysis</h2>
      {analysis === undefined && fault === null && <Loading lines={6} retry={() => reopen(id)} />}
      {analysis === undefined && fault !== null && (
        <ErrorNote error={new Error(fault.detail || "The trials cannot be read.")} retry={() => reopen(id)} />
      )}
      {analysis === null && (
        <>
          <Empty
            title="Nothing to analyse yet"
            text={any ? "No trial has a result yet." : "No trial has started yet."}
            href={studyLink(id)}
            action="Open the live page"
          />
          {hasEnded(status) && <NextPanel id={id} status={status} />}
        </>
      )}
      {analysis && (
        <>
          <Boundary title="The selection">
            <SelectionBar analysis={analysis} />
          </Boundary>
          <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] gap-3 xl:grid-cols-2 xl:items-start">
            {PANELS.map(([title, Shown, className]) => (
              <div key={title} className={`min-w-0 ${className}`}>
                <Boundary title={title}>
                  <Shown analysis={analysis} />
                </Boundary>
              </div>
            ))}
          </div>
        </>
      )}
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

import { lazy, Suspense, useRef, useState } from "react";
import { hasEnded } from "../../model/verdict";
import { Boundary, PageSkeleton } from "../../parts";
import { codecs, useParam } from "../../state/url";
import { closeTrial } from "../trials/trialHref";
import { AllCurves } from "./AllCurves";
import { Attention } from "./Attention";
import { Baseline } from "./Baseline";
import { BestNetwork } from "./BestNetwork";
import { Decided } from "./Decided";
import { Front } from "./Front";
import { Tiles } from "./Tiles";
import { useStudyHead } from "./useStudyHead";
import { Verdict } from "./Verdict";
import { Workers } from "./Workers";

const TrialPanel = lazy(() => import("../trials/TrialPanel"));
const trialCodec = codecs.number(null);

/** A study while it runs, and what came of it: the verdict first, then the numbers and figures behind it. */
export default function LivePage({ id }: { id: string }) {
  const head = useStudyHead(id);
  const [trial] = useParam("trial", trialCodec);
  const [highlighted, setHighlighted] = useState<number | null>(null);
  // A study that ended before the page opened has no workers; one that ends now keeps their place, so that nothing jumps.
  const workers = useRef(false);
  workers.current ||= head !== undefined && !hasEnded(head.status);
  return (
    <div data-page="live" className="flex flex-col gap-3">
      {head === undefined ? (
        <PageSkeleton />
      ) : (
        <>
          <Boundary title="Verdict">
            <Verdict head={head} />
          </Boundary>
          <Boundary title="Numbers">
            <Tiles head={head} />
          </Boundary>
          <div className="flex min-w-0 flex-col gap-3 xl:grid xl:grid-cols-[minmax(0,1.7fr)_minmax(0,1fr)] xl:items-start">
            <div className="contents min-w-0 xl:flex xl:flex-col xl:gap-3">
              <div className="order-2 flex min-w-0 flex-col gap-3">
                <AllCurves id={id} highlighted={highlighted} onHighlight={setHighlighted} />
                {head.objectives.length > 1 && (
                  <Front head={head} highlighted={highlighted} onHighlight={setHighlighted} />
                )}
              </div>
              <div className="contents xl:order-4 xl:grid xl:grid-cols-2 xl:gap-3">
                <div className="order-4 min-w-0">
                  <Decided head={head} />
                </div>
                <div className="order-5 min-w-0">
                  <Baseline head={head} />
                </div>
              </div>
              <div className="order-6">
                <Attention id={id} />
              </div>
            </div>
            <div className="contents min-w-0 xl:flex xl:flex-col xl:gap-3">
              {workers.current && (
                <div className="order-2">
                  <Workers head={head} highlighted={highlighted} onHighlight={setHighlighted} />
                </div>
              )}
              <div className="order-3">
                <BestNetwork head={head} />
              </div>
            </div>
          </div>
        </>
      )}
      {trial !== null && (
        <Boundary title={`Trial ${trial}`}>
          <Suspense fallback={null}>
            <TrialPanel id={id} number={trial} onClose={closeTrial} />
          </Suspense>
        </Boundary>
      )}
    </div>
  );
}

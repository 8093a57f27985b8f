import { ArrowLeft, ArrowRight } from "lucide-react";
import type { ComponentType, ReactNode } from "react";
import { useSearch } from "wouter";
import { ApiError } from "../../../api/client";
import { useLiveStudyPart } from "../../../live/store";
import { count } from "../../../model/format";
import { studyLink } from "../../../model/sentence";
import { Button, Empty, StatusBadge, Tabs } from "../../../parts";
import { codecs, useParam, withParam } from "../../../state/url";
import { Marks } from "../Marks";
import { RunningProgress } from "../RunningProgress";
import { CurvesTab } from "./CurvesTab";
import { FiguresTab } from "./FiguresTab";
import { LogTab } from "./LogTab";
import { NetworkTab } from "./NetworkTab";
import { ParametersTab } from "./ParametersTab";
import { StoryTab } from "./StoryTab";
import { TrialActions } from "./TrialActions";
import { type PanelTrial, usePanelTrial } from "./usePanelTrial";
import { type Steps as StepsOf, stepTo, useSteps } from "./useSteps";

const TABS = ["story", "curves", "network", "figures", "parameters", "log"] as const;
type TabName = (typeof TABS)[number];
const TAB = codecs.choice(TABS, "story");

const CONTENTS: Record<TabName, { label: string; Content: ComponentType<{ of: PanelTrial }> }> = {
  story: { label: "Story", Content: StoryTab },
  curves: { label: "Curves", Content: CurvesTab },
  network: { label: "Network", Content: NetworkTab },
  figures: { label: "Figures", Content: FiguresTab },
  parameters: { label: "Parameters", Content: ParametersTab },
  log: { label: "Log", Content: LogTab },
};

/** What is known of a trial, behind tabs that are in the address. */
export function TrialContent({ id, number }: { id: string; number: number }) {
  const [tab] = useParam<TabName>("tab", TAB);
  const of = usePanelTrial(id, number);
  const steps = useSteps(id, number);
  const isBest = useLiveStudyPart(id, (study) => study.best_trial_number === number) ?? false;
  const search = useSearch();
  const { Content } = CONTENTS[tab];
  const tabs = TABS.map((name) => ({
    href: `?${withParam(search, "tab", TAB.write(name))}`,
    label: CONTENTS[name].label,
    current: name === tab,
  }));
  if (of.trial === null && of.query.error instanceof ApiError && of.query.error.status === 404) {
    return (
      <Empty
        title="No such trial"
        text={`This study has no trial ${number}.`}
        href={studyLink(id, "trials")}
        action="Show all trials"
      />
    );
  }
  return (
    <div data-open-trial={number} className="flex min-w-0 flex-col gap-3">
      <div className="flex min-w-0 flex-wrap items-center gap-2">
        {of.trial !== null && <StatusBadge status={of.trial.status} />}
        <Marks best={isBest} front={steps.onFront} />
        <Steps steps={steps} />
      </div>
      {of.live?.status === "running" && <RunningProgress trial={of.live} />}
      {of.trial !== null && <TrialActions of={of} isBest={isBest} />}
      <div className="-mx-4 border-b border-line px-4">
        <Tabs label="About this trial" tabs={tabs} />
      </div>
      <Content key={number} of={of} />
    </div>
  );
}

function Steps({ steps }: { steps: StepsOf }) {
  const { before, after, place, of, absence } = steps;
  return (
    <>
      <p className="text-[12px] text-muted">
        {place === null ? absence : `${count(place)} of ${count(of)} in the list`}
      </p>
      <div className="ml-auto flex gap-2">
        <StepButton to={before} label="Previous" shortcut="K">
          <ArrowLeft aria-hidden="true" className="size-4 md:size-3.5" />
        </StepButton>
        <StepButton to={after} label="Next" shortcut="J">
          <ArrowRight aria-hidden="true" className="size-4 md:size-3.5" />
        </StepButton>
      </div>
    </>
  );
}

/** At the end of the list it does nothing, but keeps the focus, which a disabled button would lose. */
function StepButton(props: { to: number | null; label: string; shortcut: string; children: ReactNode }) {
  const { to, label, shortcut, children } = props;
  return (
    <Button
      size="small"
      aria-label={label}
      aria-disabled={to === null}
      aria-keyshortcuts={shortcut}
      onClick={() => to !== null && stepTo(to)}
      className={`max-md:size-9 max-md:px-0 ${to === null ? "opacity-50" : ""}`}
    >
      {children}
      <span className="hidden md:inline">{label}</span>
      {/* A pseudo-element: what a button shows must be a part of its name. */}
      <span
        data-key={shortcut}
        className="hidden rounded border border-line px-1 font-mono text-[11px] text-muted after:content-[attr(data-key)] md:inline"
      />
    </Button>
  );
}

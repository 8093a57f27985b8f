import { CircleAlert, TriangleAlert } from "lucide-react";
import { useMemo, useState } from "react";
import { Link } from "wouter";
import { reopen } from "../../live/feed";
import { useLoadError } from "../../live/store";
import { type AttentionGroup, attention } from "../../model/attention";
import { capital, plural } from "../../model/sentence";
import { Button, Panel, type PanelState } from "../../parts";
import { useSettledStudy } from "./useSettledStudy";

const SHOWN_GROUPS = 5;
const SHOWN_TRIALS = 8;

/** What needs a person: failures and training problems, by cause, with what to do. */
export function Attention({ id }: { id: string }) {
  const study = useSettledStudy(id, 500);
  const groups = useMemo(() => attention(id, study?.trials.values() ?? []), [id, study]);
  const [all, setAll] = useState(false);
  const shown = all ? groups : groups.slice(0, SHOWN_GROUPS);
  const loaded = study?.loadedTrials ?? false;
  const fault = useLoadError(id);
  return (
    <Panel title="Attention" question="What went wrong, and what helps?" className="min-h-[140px]" state={stateOf()}>
      <ul className="flex flex-col gap-3">
        {shown.map((group) => (
          <Group key={group.key} group={group} />
        ))}
      </ul>
      {groups.length > shown.length && (
        <Button size="small" kind="ghost" className="mt-2" onClick={() => setAll(true)}>
          Show {plural(groups.length - shown.length, "more cause")}
        </Button>
      )}
    </Panel>
  );

  function stateOf(): PanelState {
    if (fault !== null && !loaded) {
      const text = "The trials that ended before this page opened cannot be read.";
      if (groups.length > 0) return { kind: "partial", text };
      return { kind: "error", error: new Error(fault.detail || text), retry: () => reopen(id) };
    }
    if (groups.length > 0) return { kind: "ready" };
    const text =
      study?.status === "failed"
        ? "No trial went wrong. The study itself failed: see the verdict."
        : "Nothing needs attention.";
    return loaded ? { kind: "empty", text } : { kind: "loading", retry: () => reopen(id) };
  }
}

function Group({ group }: { group: AttentionGroup }) {
  const Icon = group.tone === "bad" ? CircleAlert : TriangleAlert;
  const rest = group.trials.length - SHOWN_TRIALS;
  const link = "focus-ring rounded text-accent underline underline-offset-2";
  return (
    <li className="flex gap-2">
      <Icon
        aria-hidden="true"
        className={`mt-0.5 size-4 shrink-0 ${group.tone === "bad" ? "text-bad" : "text-warn"}`}
      />
      <div className="min-w-0 flex-1 text-[12px]">
        <p className="text-[14px] font-medium">{group.title}</p>
        {group.evidence !== null && <p className="break-words text-muted">{group.evidence}</p>}
        {group.remedy !== null && (
          <p className="break-words">
            <span className="text-muted">What helps: </span>
            {capital(group.remedy)}
          </p>
        )}
        <p className="flex flex-wrap gap-x-2 gap-y-0.5">
          {group.trials.slice(0, SHOWN_TRIALS).map((trial) => (
            <Link key={trial.number} href={trial.href} className={link}>
              Trial {trial.number}
            </Link>
          ))}
          {rest > 0 &&
            (group.href === null ? (
              <span className="text-muted">and {rest} more</span>
            ) : (
              <Link href={group.href} className={link}>
                and {rest} more
              </Link>
            ))}
        </p>
      </div>
    </li>
  );
}

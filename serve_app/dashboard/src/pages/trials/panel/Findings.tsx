import { count } from "../../../model/format";
import { findingWords } from "../../../model/trialWords";
import { Panel } from "../../../parts";

interface Finding {
  name: string;
  epoch: number;
  evidence: string;
  layer_id?: string | null;
  hopeless?: boolean;
  remedy?: string | null;
}

/** Training problems by epoch: what showed them, and what to do. */
export function Findings({ findings, health }: { findings: readonly Finding[]; health: boolean }) {
  if (findings.length === 0 && !health) return null;
  return (
    <Panel
      title="Training problems"
      state={findings.length === 0 ? { kind: "empty", text: "None was found." } : undefined}
    >
      <ol className="flex flex-col gap-3">
        {[...findings]
          .sort((one, other) => one.epoch - other.epoch)
          .map((finding) => (
            <li
              key={`${finding.name} ${finding.epoch} ${finding.layer_id ?? ""}`}
              className="border-l-2 border-warn pl-3"
            >
              <p className="font-medium">
                Epoch {count(finding.epoch)}: {findingWords(finding.name).toLowerCase()}
                {finding.layer_id ? ` in ${finding.layer_id}` : ""}
              </p>
              <p className="break-words">{sentence(finding.evidence)}</p>
              {finding.remedy && (
                <p className="break-words">
                  <span className="text-muted">What to do: </span>
                  {sentence(finding.remedy)}
                </p>
              )}
              {finding.hopeless && <p className="text-[12px] text-muted">More epochs would not have helped.</p>}
            </li>
          ))}
      </ol>
    </Panel>
  );
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}

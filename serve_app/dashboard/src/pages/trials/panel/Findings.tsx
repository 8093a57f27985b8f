import { useDiagnosis } from "../../../api/useDiagnosis";
import { count } from "../../../model/format";
import { asSentence, capital } from "../../../model/sentence";
import { findingWords } from "../../../model/trialWords";
import { Panel, type PanelState, panelState } from "../../../parts";

interface Finding {
  name: string;
  epoch: number;
  evidence: string;
  layer_id?: string | null;
  hopeless?: boolean;
  remedy?: string | null;
}

interface Problem {
  about: string;
  evidence: string;
  meaning?: string;
  epoch?: number | null;
  layer_id?: string | null;
  hopeless?: boolean;
  remedies: readonly string[];
}

interface Props {
  id: string;
  number: number;
  status: string;
  /** The problems that the live feed told, until the diagnosis is there. */
  findings: readonly Finding[];
  /** Whether the study measures health. */
  health: boolean;
}

/** Training problems by epoch: what showed them, what they do to the network, and all that helps. */
export function Findings({ id, number, status, findings, health }: Props) {
  const query = useDiagnosis(id, number, `${status} ${findings.length}`);
  const problems: readonly Problem[] = query.data?.advice ?? findings.map(problemOf);
  if (problems.length === 0 && !health) return null;
  return (
    <Panel title="Training problems" question="What went wrong, and what helps?" state={stateOf(query, problems)}>
      <ol className="flex flex-col gap-3">
        {[...problems]
          .sort((one, other) => (one.epoch ?? Number.POSITIVE_INFINITY) - (other.epoch ?? Number.POSITIVE_INFINITY))
          .map((problem) => (
            <One key={`${problem.about} ${problem.epoch} ${problem.layer_id ?? ""}`} problem={problem} />
          ))}
      </ol>
    </Panel>
  );
}

function stateOf(query: ReturnType<typeof useDiagnosis>, problems: readonly Problem[]): PanelState | undefined {
  if (query.isError && problems.length === 0) return panelState(query);
  if (query.isError)
    return { kind: "partial", text: "The remedies cannot be loaded. These are the recorded problems." };
  if (problems.length > 0) return undefined;
  return query.isPending ? { kind: "loading" } : { kind: "empty", text: "None was found." };
}

function One({ problem }: { problem: Problem }) {
  const { about, evidence, meaning, epoch, layer_id, hopeless, remedies } = problem;
  const name = findingWords(about).toLowerCase();
  const where = layer_id ? ` in ${layer_id}` : "";
  return (
    <li className="border-l-2 border-warn pl-3">
      <p className="font-medium">{epoch == null ? capital(name) + where : `Epoch ${count(epoch)}: ${name}${where}`}</p>
      <p className="break-words">{asSentence(evidence)}</p>
      {meaning && <p className="break-words text-muted">{asSentence(meaning)}</p>}
      <Remedies remedies={remedies} />
      {hopeless && <p className="text-[12px] text-muted">More epochs would not have helped.</p>}
    </li>
  );
}

function Remedies({ remedies }: { remedies: readonly string[] }) {
  const [first, ...others] = remedies;
  if (first === undefined) return null;
  return (
    <>
      <p className="break-words">
        <span className="text-muted">What to do: </span>
        {asSentence(first)}
      </p>
      {others.length > 0 && (
        <ul className="list-disc pl-5">
          {others.map((remedy) => (
            <li key={remedy} className="break-words">
              {asSentence(remedy)}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

const problemOf = ({ name, remedy, ...rest }: Finding): Problem => ({
  ...rest,
  about: name,
  remedies: remedy ? [remedy] : [],
});

/** What needs a person's attention in a study: trials that failed, diverged or have training problems, by cause. */

import { plural, studyLink, trialLink, withoutStop } from "./sentence";
import { inPercent } from "./serverText";
import { failureRemedy } from "./trialFailure";
import { lastingFindings } from "./trialFindings";
import { causeWords, findingWords } from "./trialWords";

export interface FindingForAttention {
  name: string;
  epoch: number;
  evidence: string;
  hopeless?: boolean;
  remedy?: string | null;
}

export interface TrialForAttention {
  number: number;
  status: string;
  cause: string | null;
  reason: string | null;
  findings: readonly FindingForAttention[];
  best_epoch?: number | null;
}

export interface AttentionGroup {
  key: string;
  tone: "bad" | "warn";
  /** "3 trials failed: out of memory". */
  title: string;
  /** What was seen in the latest of them, with its trial. */
  evidence: string | null;
  /** What to do about it. */
  remedy: string | null;
  /** Numbers of the trials, ascending, each with the address of its panel. */
  trials: { number: number; href: string }[];
  /** Address of the list of all of them; null: no list shows exactly these. */
  href: string | null;
}

interface Found {
  key: string;
  tone: "bad" | "warn";
  rank: number;
  numbers: number[];
  title: (trials: string) => string;
  last: { number: number; text: string | null; remedy: string | null };
  filter: Record<string, string> | null;
}

const FAILED: Record<string, { verb: string; rank: number; tone: "bad" | "warn" }> = {
  failed: { verb: "failed", rank: 0, tone: "bad" },
  diverged: { verb: "diverged", rank: 1, tone: "bad" },
  rejected: { verb: "not started", rank: 2, tone: "warn" },
};

/** The groups, failures first, then training problems, in each the largest first. */
export function attention(id: string, trials: Iterable<TrialForAttention>): AttentionGroup[] {
  const groups = new Map<string, Found>();
  const ordered = [...trials].sort((one, other) => one.number - other.number);
  for (const trial of ordered) {
    addFailure(groups, trial);
    addFindings(groups, trial);
  }
  return [...groups.values()]
    .sort((one, other) => one.rank - other.rank || other.numbers.length - one.numbers.length)
    .map((found) => ({
      key: found.key,
      tone: found.tone,
      title: found.title(plural(found.numbers.length, "trial")),
      evidence:
        found.last.text === null ? null : `Trial ${found.last.number}: ${withoutStop(inPercent(found.last.text))}.`,
      remedy: found.last.remedy,
      trials: found.numbers.map((number) => ({ number, href: trialLink(id, number) })),
      href: found.filter && studyLink(id, "trials", found.filter),
    }));
}

function addFailure(groups: Map<string, Found>, trial: TrialForAttention): void {
  const kind = FAILED[trial.status];
  if (!kind) return;
  const cause = trial.cause ?? "";
  const why = cause === "" || cause === "error" || cause === trial.status ? "" : `: ${causeWords(cause).toLowerCase()}`;
  const last = { number: trial.number, text: trial.reason, remedy: failureRemedy(cause) };
  add(groups, `${trial.status}:${cause}`, trial.number, last, {
    tone: kind.tone,
    rank: kind.rank,
    title: (many) => `${many} ${kind.verb}${why}`,
    filter: cause ? { status: trial.status, cause } : { status: trial.status },
  });
}

function addFindings(groups: Map<string, Found>, trial: TrialForAttention): void {
  const seen = new Set<string>();
  for (const finding of lastingFindings(trial)) {
    // A diverged trial stands in its own group already.
    if (seen.has(finding.name) || (finding.name === "divergence" && trial.status === "diverged")) continue;
    seen.add(finding.name);
    const text = `${withoutStop(finding.evidence)} (epoch ${finding.epoch})`;
    add(
      groups,
      `finding:${finding.name}`,
      trial.number,
      { number: trial.number, text, remedy: finding.remedy || null },
      {
        tone: "warn",
        rank: 3,
        title: (many) => `${findingWords(finding.name)} in ${many}`,
        filter: null,
      },
    );
  }
}

function add(
  groups: Map<string, Found>,
  key: string,
  number: number,
  last: Found["last"],
  rest: Pick<Found, "tone" | "rank" | "title" | "filter">,
): void {
  const group = groups.get(key);
  if (group) {
    group.numbers.push(number);
    group.last = { ...last, remedy: last.remedy ?? group.last.remedy };
  } else {
    groups.set(key, { key, numbers: [number], last, ...rest });
  }
}

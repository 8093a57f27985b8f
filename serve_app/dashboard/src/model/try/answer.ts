/** What the page says about a prediction. Pure. */
import type { Prediction } from "../../api/shapes";
import { percent } from "../format";

export interface ClassShare {
  label: string;
  /** In [0, 1]. */
  probability: number;
}

/** All classes, the most probable one first; equal ones in the order of their labels. */
export function ranked(prediction: Prediction): ClassShare[] {
  return Object.entries(prediction.probabilities)
    .map(([label, probability]) => ({ label, probability: Number.isFinite(probability) ? probability : 0 }))
    .sort((one, other) => other.probability - one.probability || one.label.localeCompare(other.label, "en"));
}

/** "It says 7, with 92.3 %." or "Unsure: 3 (41.2 %) or 8 (38.0 %)." */
export function answerSentence(prediction: Prediction): string {
  const [first, second] = ranked(prediction);
  if (first === undefined) return "The model names no class.";
  const share = percent(first.probability);
  if (!prediction.unsure || second === undefined) return `It says ${first.label}, with ${share}.`;
  return `It is unsure: ${first.label} (${share}) or ${second.label} (${percent(second.probability)}).`;
}

/** "Right: the sample is 7." or "Wrong: the sample is 1, which got 3.0 %."; null: the truth is not known. */
export function truthSentence(prediction: Prediction): { right: boolean; text: string } | null {
  const { truth } = prediction;
  if (truth === null || truth === undefined) return null;
  const right = truth === ranked(prediction)[0]?.label;
  if (right) return { right, text: `Right: the data say ${truth}.` };
  return { right, text: `Wrong: the data say ${truth}, which got ${percent(prediction.probabilities[truth] ?? 0)}.` };
}

/** How two models agree on one input. */
export function agreementSentence(
  one: { trial: number; prediction: Prediction },
  other: { trial: number; prediction: Prediction },
): string {
  const [first] = ranked(one.prediction);
  const [second] = ranked(other.prediction);
  if (first === undefined || second === undefined) return "The models cannot be compared.";
  const shares = `trial ${one.trial} with ${percent(first.probability)}, trial ${other.trial} with ${percent(second.probability)}`;
  if (first.label === second.label) return `Both say ${first.label}: ${shares}.`;
  return (
    `They disagree: trial ${one.trial} says ${first.label} (${percent(first.probability)}), ` +
    `trial ${other.trial} says ${second.label} (${percent(second.probability)}).`
  );
}

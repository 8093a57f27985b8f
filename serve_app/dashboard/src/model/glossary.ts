/** Words of the field that a page explains where it uses them. */

const TERMS: Readonly<Record<string, string>> = {
  asha: "ASHA stops a trial early if it is clearly behind the others after the same amount of training.",
  rung: "A rung is a point in the training at which a trial is compared with the others, and stopped if it is behind.",
  "pareto front":
    "A trial is on the Pareto front if no other trial is better in one objective without being worse in another.",
  portfolio:
    "The portfolio is a list of hyperparameters that did well on other data sets. The search tries them first.",
  "total score": "The total score is the weighted mean of the accuracy and the overall health.",
  initializer: "The initializer is the rule by which the weights of the network get their first random values.",
};

const PATTERN = new RegExp(`\\b(${Object.keys(TERMS).join("|").replaceAll(" ", "[ _]")})s?\\b`, "gi");

export interface TextPart {
  text: string;
  /** What the text means, in one sentence; absent: it needs no explanation. */
  meaning?: string;
}

/** A text in parts, so that each word of the field can be explained where it first appears. */
export function explained(text: string): TextPart[] {
  const parts: TextPart[] = [];
  const seen = new Set<string>();
  let from = 0;
  for (const { 0: found, 1: name = "", index } of text.matchAll(PATTERN)) {
    const term = name.toLowerCase().replace("_", " ");
    if (seen.has(term)) continue;
    seen.add(term);
    if (index > from) parts.push({ text: text.slice(from, index) });
    parts.push({ text: found, meaning: TERMS[term] });
    from = index + found.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from) });
  return parts;
}

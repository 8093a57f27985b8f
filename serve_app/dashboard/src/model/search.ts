/** Ranks what the search finds. Pure. */
export interface Found {
  id: string;
  label: string;
  /** Its kind: "Page", "Study", "Action". */
  group: string;
  /** More words by which it is found. */
  words?: string;
}

/**
 * Those of `all` that match every word of `query`, the best first: a label that begins with the query, or goes on with
 * it after a colon, before one that has it later, and both before one that only has its letters in order.
 */
export function ranked<F extends Found>(all: readonly F[], query: string, most = 30): F[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return all.slice(0, most);
  return all
    .map((found) => ({ found, score: scoreOf(found, words) }))
    .filter((one) => one.score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, most)
    .map((one) => one.found);
}

/** The number of the trial that a query names, as "3", "#3" or "trial 3"; null: it names none. */
export function trialOfQuery(query: string): number | null {
  const named = /^(?:trial\s*)?#?\s*(\d{1,9})$/i.exec(query.trim());
  return named === null ? null : Number(named[1]);
}

function scoreOf(found: Found, words: readonly string[]): number {
  const label = found.label.toLowerCase();
  const text = `${label} ${found.words?.toLowerCase() ?? ""}`;
  let score = 0;
  for (const word of words) {
    const at = text.indexOf(word);
    if (at === 0 || (at > 1 && text.startsWith(": ", at - 2))) score += 4;
    else if (at > 0) score += text[at - 1] === " " || text[at - 1] === "-" ? 3 : 2;
    else if (inOrder(label, word)) score += 1;
    else return 0;
  }
  return score;
}

function inOrder(text: string, letters: string): boolean {
  let from = 0;
  for (const letter of letters) {
    from = text.indexOf(letter, from) + 1;
    if (from === 0) return false;
  }
  return true;
}

/** Sentences whose numbers are links: what the live page says in words. */

export interface Piece {
  text: string;
  /** Where a click on it leads; absent: plain text. */
  href?: string;
}

export type Sentence = readonly Piece[];

/** A sentence from texts and links, without the empty ones: `say("Trial ", { text: "17", href }, " leads.")`. */
export function say(...pieces: (string | Piece | null | undefined | false)[]): Sentence {
  return pieces
    .filter((piece): piece is string | Piece => Boolean(piece))
    .map((piece) => (typeof piece === "string" ? { text: piece } : piece));
}

export function plainText(sentences: readonly Sentence[]): string {
  return sentences.map((sentence) => sentence.map((piece) => piece.text).join("")).join(" ");
}

/** `1 trial`, `3 trials`; `plural(2, "study", "studies")`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}

/** A name of the API in words: `learning_rate` is "learning rate". */
export function words(name: string): string {
  return name.replaceAll("_", " ");
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A text of the server as a part of a sentence: without the full stop at its end. */
export function withoutStop(text: string): string {
  return text.trim().replace(/\.+$/, "");
}

/** A text of the server as a sentence of its own: "the token is wrong" becomes "The token is wrong." */
export function asSentence(text: string): string {
  const said = text.trim();
  return /[.!?:…”]$/.test(said) || said === "" ? capital(said) : `${capital(said)}.`;
}

type Parameters = Record<string, string | number | readonly (string | number)[] | null | undefined>;

/** Address of a study's page: `studyLink("digits", "trials", { status: "pruned" })`. */
export function studyLink(
  id: string,
  page: "live" | "trials" | "analysis" | "compare" | "network" | "try" | "log" = "live",
  parameters: Parameters = {},
): string {
  const path = `/s/${encodeURIComponent(id)}${page === "live" ? "" : `/${page}`}`;
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

/** Address of the live page with a trial's panel open. */
export function trialLink(id: string, number: number): string {
  return studyLink(id, "live", { trial: number });
}

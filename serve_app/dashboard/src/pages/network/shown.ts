/** What the network page shows of what its address and its answers say. Pure. */
import type { ColourBy } from "../../network/colours";
import { type PanelState, panelState } from "../../parts/Panel";

export function shownColour(colour: ColourBy, compares: boolean, replays: boolean, measuresHealth: boolean): ColourBy {
  if (compares) return colour === "parameters" ? colour : "difference";
  if (!measuresHealth) return colour === "health" ? "score" : colour;
  return replays ? "health" : colour;
}

export function titleOf(kind: "none" | "with" | "what-if", trial: number, other: number | null): string {
  if (kind === "with") return `Trial ${other} laid over trial ${trial}`;
  return kind === "none" ? `Network of trial ${trial}` : `Trial ${trial} with other hyperparameters`;
}

type Query = Parameters<typeof panelState>[0];

export function drawingState(query: Query, known: boolean, drawn: boolean, number: number): PanelState {
  const state = panelState(query);
  // The network of the trial before stays until the next one is there.
  if (state.kind === "loading" && drawn) return { kind: "ready" };
  if (state.kind !== "ready" && state.kind !== "partial") return state;
  if (known && !drawn) return { kind: "empty", text: `Trial ${number} has no network: it has not been built.` };
  return state;
}

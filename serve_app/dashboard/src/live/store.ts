/** The live state of all studies that the page shows, and the hooks that read it. */
import { createStore, useStore } from "zustand";
import type { Connection, LiveStudy, StudyBrief } from "./types";

export type * from "./types";

export interface LiveState {
  connection: Connection;
  studies: readonly StudyBrief[] | undefined;
  study: LiveStudy | undefined;
}

export const liveStore = createStore<LiveState>(() => ({
  connection: { kind: "connecting" },
  studies: undefined,
  study: undefined,
}));

export function useLiveStudy(id: string): LiveStudy | undefined {
  return useStore(liveStore, (state) => (state.study?.id === id ? state.study : undefined));
}

/** A part of a study. The component draws anew only when the picked value is another one: pick, do not build. */
export function useLiveStudyPart<T>(id: string, pick: (study: LiveStudy) => T): T | undefined {
  return useStore(liveStore, (state) => (state.study?.id === id ? pick(state.study) : undefined));
}

export function useLiveStudies(): readonly StudyBrief[] | undefined {
  return useStore(liveStore, (state) => state.studies);
}

export function useConnection(): Connection {
  return useStore(liveStore, (state) => state.connection);
}

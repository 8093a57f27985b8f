/**
 * The live state: the connection, the list of all studies, and the study that the page shows. `apply` is the one way in;
 * it folds messages with the pure reducers. The hooks are the way out.
 */
import { createStore, useStore } from "zustand";
import type { FeedMessage } from "../api/generated/feed";
import type { components } from "../api/generated/openapi";
import { studyOfJob, withBrief } from "./fromJob";
import { reduceStudies } from "./reduceStudies";
import { reduceStudy } from "./reduceStudy";
import { withPage } from "./rows";
import type { Connection, LiveStudy, StudyBrief } from "./types";
import type { ColumnsPage } from "./wire";

export type * from "./types";

export interface LiveState {
  connection: Connection;
  studies: readonly StudyBrief[] | undefined;
  study: LiveStudy | undefined;
  /** The study that is being opened or is open. */
  opened: string | null;
  /** Whether it is being read. */
  loading: boolean;
  /** Its events since the reading began: they are applied to what was read before them. */
  told: readonly FeedMessage[];
  /** Why its trials cannot be read; null: they can. */
  loadError: { status: number; detail: string } | null;
  /** Whether it was deleted while it was open. */
  deleted: boolean;
}

export const liveStore = createStore<LiveState>(() => ({
  connection: { kind: "connecting" },
  studies: undefined,
  study: undefined,
  opened: null,
  loading: false,
  told: [],
  loadError: null,
  deleted: false,
}));

/** The state after messages of the feed, in order. */
export function withMessages(state: LiveState, messages: readonly FeedMessage[]): LiveState {
  const studies = reduceStudies(state.studies, messages);
  if (state.opened === null) return { ...state, studies };
  const own = messages.filter((message) => "study" in message && message.study === state.opened);
  const deleted = state.deleted || own.some((message) => message.type === "study_deleted");
  const told = state.loading ? [...state.told, ...own.filter((message) => "sequence" in message)] : state.told;
  let study = state.study === undefined ? undefined : reduceStudy(state.study, own);
  const listed = messages.some((message) => message.type === "studies");
  const brief = listed ? studies?.find((one) => one.name === state.opened) : undefined;
  if (study !== undefined && brief !== undefined) study = withBrief(study, brief);
  return { ...state, studies, study, told, deleted };
}

export function withJob(state: LiveState, job: components["schemas"]["JobDetail"]): LiveState {
  if (state.opened !== job.id) return state;
  const brief = state.studies?.find((one) => one.name === job.id);
  const first = state.told[0];
  const after = first !== undefined && "sequence" in first ? first.sequence - 1 : undefined;
  const fresh = { ...studyOfJob(job, brief, after, state.study), staleSince: staleSince(state.connection) };
  return { ...state, deleted: false, study: reduceStudy(fresh, state.told) };
}

export function withRows(state: LiveState, id: string, page: ColumnsPage, last: boolean): LiveState {
  if (state.study?.id !== id) return state;
  const study = withPage(state.study, page, state.told, last);
  return { ...state, study, loading: !last, told: last ? [] : state.told, loadError: null };
}

/** The state after the connection changed: what the page shows is marked as stale, and since when. */
export function withConnection(state: LiveState, connection: Connection): LiveState {
  const since = staleSince(connection);
  const study =
    state.study === undefined || state.study.staleSince === since ? state.study : { ...state.study, staleSince: since };
  return { ...state, connection, study };
}

const DEAD: ReadonlySet<Connection["kind"]> = new Set(["stale", "gone", "login", "outdated"] as const);

function staleSince(connection: Connection): number | null {
  return DEAD.has(connection.kind) ? (connection.since ?? null) : null;
}

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

/** Why the trials of the open study cannot be read; null: they can. */
export function useLoadError(id: string): LiveState["loadError"] {
  return useStore(liveStore, (state) => (state.opened === id ? state.loadError : null));
}

export function useIsDeleted(id: string): boolean {
  return useStore(liveStore, (state) => state.opened === id && state.deleted);
}

/** Messages between the page and its worker. */
import type { FeedMessage } from "../api/generated/feed";
import type { Connection } from "./types";

export type ToWorker =
  /** `origin` of the page, as http(s)://host:port. */
  | { type: "connect"; origin: string }
  /** Try at once, since the user or the network came back. */
  | { type: "retry" }
  /** A hidden page gets durable events and no samples. */
  | { type: "hidden"; hidden: boolean }
  /** Read all trials of a study, page by page. The answers carry `load`; a new load ends the one before. */
  | { type: "load"; study: string; load: number };

export type FromWorker =
  | { type: "connection"; connection: Connection }
  | { type: "message"; message: FeedMessage }
  | { type: "rows"; study: string; load: number; page: ColumnsPage; last: boolean }
  | { type: "load_failed"; study: string; load: number; status: number; detail: string };

/** One page of `GET /jobs/{id}/trials?format=columns`: the state after the event `sequence`. */
export interface ColumnsPage {
  sequence: number;
  cursor: string;
  fields: string[];
  columns: Record<string, unknown[]>;
  next_cursor: string | null;
}

const SAMPLES: ReadonlySet<FeedMessage["type"]> = new Set(["batch_progress", "resource_sample", "progress"] as const);

export function isSample(message: FeedMessage): boolean {
  return SAMPLES.has(message.type);
}

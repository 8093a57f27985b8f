/** What a real server told a page: see tests/serve_app/feed/recorded_messages.py. Only for tests. */
import type { FeedMessage } from "../api/generated/feed";
import type { components } from "../api/generated/openapi";
import recorded from "./recorded.json";
import type { ColumnsPage } from "./wire";

export const JOB = recorded.job as unknown as components["schemas"]["JobDetail"];
export const PAGE = recorded.page as unknown as ColumnsPage;
/** From the list of all studies to the end of an epoch. */
export const FIRST = recorded.first as unknown as FeedMessage[];
/** After a resume: to the end of the study. */
export const LATER = recorded.later as unknown as FeedMessage[];
export const NAME = JOB.id;

export function only<T extends FeedMessage["type"]>(type: T): Extract<FeedMessage, { type: T }> {
  const found = [...FIRST, ...LATER].find((message) => message.type === type);
  if (found === undefined) throw new Error(`There is no message ${type} in recorded.json.`);
  return found as Extract<FeedMessage, { type: T }>;
}

// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from "vitest";
import { keys } from "../api/keys";
import { queryClient } from "../api/queryClient";
import { startFeed } from "./feed";
import { FIRST, JOB, NAME, only } from "./recorded";
import { liveStore } from "./store";
import type { FromWorker } from "./wire";

/** The worker, which says what the test says. */
class Scripted {
  static last: Scripted;
  onmessage: (event: { data: FromWorker }) => void = () => {};
  postMessage = vi.fn();
  constructor() {
    Scripted.last = this;
  }
}

const say = (message: FromWorker) => Scripted.last.onmessage({ data: message });
const outdated = (key: readonly unknown[]) => queryClient.getQueryState(key)?.isInvalidated === true;

beforeEach(() => {
  vi.stubGlobal("Worker", Scripted);
  startFeed();
});

test("a page that is live again reads the studies anew, and shows the one whose process has ended", () => {
  queryClient.setQueryData(keys.job(NAME), JOB);
  queryClient.setQueryData(keys.jobs, { items: [JOB], next_cursor: null });
  say({ type: "connection", connection: { kind: "connecting" } });
  say({ type: "connection", connection: { kind: "live" } });
  for (const message of FIRST) say({ type: "message", message });
  expect(outdated(keys.job(NAME))).toBe(false);

  say({ type: "connection", connection: { kind: "stale", since: 1 } });
  expect(outdated(keys.job(NAME))).toBe(false);
  say({ type: "connection", connection: { kind: "live" } });
  expect(outdated(keys.job(NAME))).toBe(true);
  expect(outdated(keys.jobs)).toBe(true);
  expect(liveStore.getState().studies?.[0]?.status).toBe("running");

  say({ type: "message", message: { ...only("progress"), status: "interrupted" } });
  say({ type: "connection", connection: { kind: "live" } }); // makes the queue be read
  expect(liveStore.getState().studies?.[0]?.status).toBe("interrupted");
});

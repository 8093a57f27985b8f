/**
 * The page's side of the worker. Messages wait in a queue that is folded into the store once per animation frame, or
 * once a second while the page is hidden and has no frames.
 */
import type { FeedMessage } from "../api/generated/feed";
import { queryClient } from "../api/queryClient";
import { jobQuery } from "../api/useJob";
import { patchAnswer, patchAnswers, readAfterLoss } from "./answers";
import { liveStore, withConnection, withJob, withMessages, withRows } from "./store";
import type { Connection } from "./types";
import type { FromWorker, ToWorker } from "./wire";

const HIDDEN_FLUSH_MS = 1_000;
/** How long a study waits for the feed before its trials are read without it. */
const WITHOUT_FEED_MS = 4_000;

let worker: Worker | null = null;
let queue: FeedMessage[] = [];
let flushing = false;
let load = 0;

function post(message: ToWorker): void {
  worker?.postMessage(message);
}

/** Starts the worker and connects. Does nothing if it runs already. */
export function startFeed(): void {
  if (worker !== null) {
    post({ type: "retry" });
    return;
  }
  worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  worker.onmessage = (event: MessageEvent<FromWorker>) => receive(event.data);
  post({ type: "connect", origin: window.location.origin });
  document.addEventListener("visibilitychange", () => {
    post({ type: "hidden", hidden: document.hidden });
    if (!document.hidden) flush();
  });
  post({ type: "hidden", hidden: document.hidden });
  window.addEventListener("online", retryNow);
}

/** Connects at once instead of waiting for the next attempt. */
export function retryNow(): void {
  post({ type: "retry" });
}

function receive(message: FromWorker): void {
  switch (message.type) {
    case "message":
      queue.push(message.message);
      schedule();
      break;
    case "connection":
      flush();
      connected(message.connection);
      break;
    case "rows":
      if (message.load !== load) return;
      flush();
      liveStore.setState((state) => withRows(state, message.study, message.page, message.last), true);
      break;
    case "load_failed":
      if (message.load !== load) return;
      if (message.status === 401) liveStore.setState((state) => withConnection(state, { kind: "login" }), true);
      liveStore.setState({ loading: false, loadError: { status: message.status, detail: message.detail } });
      break;
  }
}

/** Whether the page was live before, so that a connection that is live again ends a loss. */
let wasLive = false;

function connected(connection: Connection): void {
  const { kind } = liveStore.getState().connection;
  liveStore.setState((state) => withConnection(state, connection), true);
  if (connection.kind !== "live") return;
  if (wasLive && kind !== "live") readAfterLoss(queryClient);
  wasLive = true;
}

function schedule(): void {
  if (flushing) return;
  flushing = true;
  if (document.hidden) setTimeout(flush, HIDDEN_FLUSH_MS);
  else requestAnimationFrame(flush);
}

function flush(): void {
  flushing = false;
  if (queue.length === 0) return;
  const messages = queue;
  queue = [];
  const before = liveStore.getState();
  liveStore.setState(withMessages(before, messages), true);
  patchAnswers(queryClient, messages);
  if (messages.some((message) => message.type === "studies")) reloadAfterGap();
}

/** After a snapshot of all studies: events of the open study may be missing, unless it stands where the list stands. */
function reloadAfterGap(): void {
  const { opened, study, studies } = liveStore.getState();
  if (opened === null) return;
  if (waiting !== null) {
    startWaiting();
    return;
  }
  const brief = studies?.find((one) => one.name === opened);
  if (brief === undefined || (study?.loadedTrials === true && study.cursor === brief.cursor)) return;
  reopen(opened);
}

let waiting: (() => void) | null = null;

function startWaiting(): void {
  const start = waiting;
  waiting = null;
  start?.();
}

/** Makes a study the one that the store holds. Its trials are read once the feed is live, so that no event is missed. */
export function openStudy(id: string): void {
  if (liveStore.getState().opened === id && !liveStore.getState().deleted) return;
  reopen(id);
}

/** Reads the open study anew, as after a failed or incomplete reading. */
export function reopen(id: string): void {
  load += 1;
  const number = load;
  const same = liveStore.getState().study?.id === id;
  liveStore.setState((state) => ({
    opened: id,
    loading: true,
    told: [],
    loadError: null,
    deleted: false,
    study: same ? state.study : undefined,
  }));
  void read(id, number, Date.now());
}

async function read(id: string, number: number, since: number): Promise<void> {
  await feedIsLive();
  if (number !== load) return;
  try {
    // The page asked for the study when it was opened: that answer is used, an older one is not.
    const job = await queryClient.fetchQuery({ ...jobQuery(id), staleTime: Date.now() - since + 1 });
    if (number !== load) return;
    flush();
    liveStore.setState((state) => withJob(state, job), true);
    post({ type: "load", study: id, load: number });
  } catch (fault) {
    if (number !== load) return;
    const status = fault instanceof Error && "status" in fault ? Number(fault.status) : 0;
    liveStore.setState({ loading: false, loadError: { status, detail: fault instanceof Error ? fault.message : "" } });
  }
}

function feedIsLive(): Promise<void> {
  if (liveStore.getState().studies !== undefined) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(startWaiting, WITHOUT_FEED_MS);
    waiting = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

/** The server accepted a cancel: the page says so before the feed does. */
export function cancelRequested(id: string): void {
  const at = new Date().toISOString();
  liveStore.setState(({ study }) =>
    study?.id === id && study.cancel_requested_at === null ? { study: { ...study, cancel_requested_at: at } } : {},
  );
  patchAnswer(queryClient, id, (job) => ({ ...job, cancel_requested_at: job.cancel_requested_at ?? at }));
}

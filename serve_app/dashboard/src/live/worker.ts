/**
 * The Web Worker of the page: it holds the one socket and reads long lists, so that parsing never delays a frame. While
 * the page is hidden it keeps durable events and drops samples.
 */
import type { FeedMessage } from "../api/generated/feed";
import { FeedSocket } from "./socket";
import { type ColumnsPage, type FromWorker, isSample, type ToWorker } from "./wire";

const scope = self as unknown as DedicatedWorkerGlobalScope;
const post = (message: FromWorker) => scope.postMessage(message);

/** Rows of one page: few enough that taking them over does not delay a frame. */
const ROWS = 2_000;

let socket: FeedSocket | null = null;
let origin = "";
let hidden = false;
let current = 0;

/** While the page is hidden: the latest progress of each study, which says more than the events. */
const held = new Map<string, FeedMessage>();

function onMessage(message: FeedMessage): void {
  if (!hidden || !isSample(message)) post({ type: "message", message });
  else if (message.type === "progress") held.set(message.study, message);
}

function showAgain(): void {
  for (const message of held.values()) post({ type: "message", message });
  held.clear();
  socket?.retry();
}

function connect(): void {
  socket ??= new FeedSocket(`${origin.replace(/^http/, "ws")}/ws`, {
    open: (url, protocols, on) => {
      const socket = new WebSocket(url, protocols);
      socket.onopen = on.open;
      socket.onmessage = (event) => on.message(event.data);
      socket.onclose = (event) => on.close(event.code);
      return socket;
    },
    now: () => Date.now(),
    random: () => Math.random(),
    after: (ms, act) => {
      const timer = setTimeout(act, ms);
      return () => clearTimeout(timer);
    },
    onMessage,
    onConnection: (connection) => post({ type: "connection", connection }),
  });
  socket.connect();
}

async function load(study: string, number: number): Promise<void> {
  current = number;
  let cursor: string | null = null;
  try {
    do {
      const query = new URLSearchParams({ format: "columns", limit: String(ROWS) });
      if (cursor !== null) query.set("cursor", cursor);
      const answer = await fetch(`${origin}/jobs/${encodeURIComponent(study)}/trials?${query}`, {
        credentials: "same-origin",
        headers: { Accept: "application/json" },
      });
      if (current !== number) return;
      if (!answer.ok) {
        post({ type: "load_failed", study, load: number, status: answer.status, detail: await detailOf(answer) });
        return;
      }
      const page = (await answer.json()) as ColumnsPage;
      if (current !== number) return;
      cursor = page.next_cursor;
      post({ type: "rows", study, load: number, page, last: cursor === null });
    } while (cursor !== null);
  } catch {
    if (current === number) post({ type: "load_failed", study, load: number, status: 0, detail: UNREACHABLE });
  }
}

const UNREACHABLE = "The server does not answer.";

async function detailOf(answer: Response): Promise<string> {
  const problem: unknown = await answer.json().catch(() => null);
  const detail = typeof problem === "object" && problem !== null && "detail" in problem ? problem.detail : null;
  return typeof detail === "string" ? detail : `The server answered with the status ${answer.status}.`;
}

scope.onmessage = (event: MessageEvent<ToWorker>) => {
  const message = event.data;
  switch (message.type) {
    case "connect":
      origin = message.origin;
      connect();
      break;
    case "retry":
      socket?.retry();
      break;
    case "hidden":
      hidden = message.hidden;
      if (!hidden) showAgain();
      break;
    case "load":
      void load(message.study, message.load);
      break;
  }
};

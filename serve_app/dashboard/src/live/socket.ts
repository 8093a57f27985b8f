/**
 * One WebSocket to the feed of all studies. It tells what arrives and how the connection is, connects again after every
 * accident with the last cursor of each study, and gives up only where another attempt cannot help.
 *
 * Time, chance and the socket's class are given, so that tests can script them.
 */
import type { FeedMessage } from "../api/generated/feed";
import { afterClose, retryDelayMs } from "./closing";
import type { Connection } from "./types";

const SUBPROTOCOL = "tuner.feed.v1";
const PROTOCOL = 1;
/** The server says something at least every 15 s. */
const SILENCE_MS = 35_000;
/** An outage this long is shown as stale data; a shorter one as a reconnection. */
const STALE_MS = 10_000;

export interface SocketLike {
  send(text: string): void;
  close(): void;
}

export interface SocketEvents {
  open: () => void;
  message: (data: unknown) => void;
  close: (code: number) => void;
}

export interface SocketWorld {
  /** Opens a socket. Its events come later, never during the call. */
  open: (url: string, protocols: string[], on: SocketEvents) => SocketLike;
  now: () => number;
  random: () => number;
  after: (ms: number, act: () => void) => () => void;
  onMessage: (message: FeedMessage) => void;
  onConnection: (connection: Connection) => void;
}

export class FeedSocket {
  readonly #world: SocketWorld;
  readonly #url: string;
  readonly #cursors = new Map<string, string>();
  #resumable = false;
  #socket: SocketLike | null = null;
  #failures = 0;
  #heardAt: number;
  #stopTimer: () => void = () => {};
  #stopSilence: () => void = () => {};

  constructor(url: string, world: SocketWorld) {
    this.#url = url;
    this.#world = world;
    this.#heardAt = world.now();
  }

  /** Connects, or does nothing while a connection is open or under way. */
  connect(): void {
    if (this.#socket !== null) return;
    this.#stopTimer();
    if (this.#failures === 0) this.#world.onConnection({ kind: "connecting" });
    const resume = this.#resumable;
    const socket = this.#world.open(resume ? `${this.#url}?resume=true` : this.#url, [SUBPROTOCOL], {
      open: () => {
        if (this.#socket !== socket || !resume) return; // a new client is live when it has the list of all studies
        socket.send(JSON.stringify({ type: "resume", after: Object.fromEntries(this.#cursors) }));
        this.#connected();
      },
      message: (data) => {
        if (this.#socket === socket && typeof data === "string") this.#heard(data);
      },
      close: (code) => {
        if (this.#socket === socket) this.#closed(code);
      },
    });
    this.#socket = socket;
    this.#watchSilence();
  }

  /** Connects at once instead of waiting for the next attempt. */
  retry(): void {
    if (this.#socket === null) this.connect();
  }

  #connected(): void {
    this.#failures = 0;
    this.#heardAt = this.#world.now();
    this.#world.onConnection({ kind: "live" });
  }

  #heard(text: string): void {
    this.#heardAt = this.#world.now();
    const message = parsed(text);
    if (message === null) return;
    if (message.type === "studies") {
      if (message.protocol !== PROTOCOL) {
        this.#end({ kind: "outdated" });
        return;
      }
      this.#cursors.clear();
      for (const study of message.studies) this.#cursors.set(study.name, study.cursor);
      this.#resumable = true;
      this.#connected();
    } else if (message.type === "study_deleted") this.#cursors.delete(message.study);
    else if ("cursor" in message) this.#cursors.set(message.study, message.cursor);
    this.#world.onMessage(message);
  }

  #closed(code: number): void {
    this.#release();
    const next = afterClose(code);
    switch (next.kind) {
      case "login":
      case "gone":
      case "outdated":
        this.#world.onConnection({ kind: next.kind, since: this.#heardAt });
        return;
      case "restart":
        this.#resumable = false;
        this.#wait(0);
        return;
      default:
        this.#wait(next.leastDelayMs);
    }
  }

  #wait(leastMs: number): void {
    this.#failures += 1;
    const now = this.#world.now();
    const delay = retryDelayMs(this.#failures, this.#world.random(), leastMs);
    const stale = now - this.#heardAt >= STALE_MS;
    const retryAt = now + delay;
    this.#world.onConnection({ kind: stale ? "stale" : "reconnecting", retryAt, since: this.#heardAt });
    this.#stopTimer = this.#world.after(delay, () => this.connect());
  }

  /** A connection over which nothing comes is dead, even if no side has closed it. */
  #watchSilence(): void {
    this.#stopSilence();
    const begun = this.#world.now();
    this.#stopSilence = this.#world.after(SILENCE_MS, () => {
      const silent = this.#socket;
      if (silent === null) return;
      if (this.#heardAt > begun) {
        this.#watchSilence();
        return;
      }
      this.#release();
      silent.close();
      this.#wait(0);
    });
  }

  #end(connection: Connection): void {
    const socket = this.#socket;
    this.#release();
    socket?.close();
    this.#world.onConnection({ ...connection, since: this.#heardAt });
  }

  #release(): void {
    this.#socket = null;
    this.#stopSilence();
  }
}

function parsed(text: string): FeedMessage | null {
  try {
    const message: unknown = JSON.parse(text);
    return typeof message === "object" && message !== null && "type" in message ? (message as FeedMessage) : null;
  } catch {
    return null;
  }
}

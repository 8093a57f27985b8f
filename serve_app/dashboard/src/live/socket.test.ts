import { beforeEach, describe, expect, it } from "vitest";
import { afterClose, retryDelayMs } from "./closing";
import { FIRST, LATER, NAME } from "./recorded";
import { FeedSocket, type SocketEvents } from "./socket";
import type { Connection } from "./types";

interface Opened {
  url: string;
  on: SocketEvents;
  sent: string[];
  closed: boolean;
}

/** A world whose time passes only when the test says so. */
class World {
  nowMs = 1_000_000;
  opened: Opened[] = [];
  told: string[] = [];
  connections: Connection[] = [];
  #timers: { at: number; act: () => void }[] = [];

  readonly socket = new FeedSocket("ws://host/ws", {
    open: (url, _protocols, on) => {
      const one: Opened = { url, on, sent: [], closed: false };
      this.opened.push(one);
      return { send: (text) => one.sent.push(text), close: () => (one.closed = true) };
    },
    now: () => this.nowMs,
    random: () => 0.5,
    after: (ms, act) => {
      const timer = { at: this.nowMs + ms, act };
      this.#timers.push(timer);
      return () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      };
    },
    onMessage: (message) => this.told.push(message.type),
    onConnection: (connection) => this.connections.push(connection),
  });

  get last(): Opened {
    const one = this.opened.at(-1);
    if (one === undefined) throw new Error("No socket was opened.");
    return one;
  }

  get kind(): string | undefined {
    return this.connections.at(-1)?.kind;
  }

  pass(ms: number): void {
    const until = this.nowMs + ms;
    for (;;) {
      const next = this.#timers.filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.nowMs = next.at;
      next.act();
    }
    this.nowMs = until;
  }

  tell(messages: readonly unknown[]): void {
    for (const message of messages) this.last.on.message(JSON.stringify(message));
  }
}

let world: World;

beforeEach(() => {
  world = new World();
  world.socket.connect();
  world.last.on.open();
  world.tell(FIRST);
});

describe("the socket", () => {
  it("is live once it has the list of all studies", () => {
    expect(world.connections.map((one) => one.kind)).toEqual(["connecting", "live"]);
    expect(world.told).toEqual(FIRST.map((message) => message.type));
    expect(world.last.url).toBe("ws://host/ws");
  });

  it("resumes after an accident with the last cursor of each study", () => {
    world.last.on.close(1006);
    expect(world.connections.at(-1)).toMatchObject({ kind: "reconnecting", retryAt: world.nowMs + 1_000 });
    world.pass(1_000);
    expect(world.last.url).toBe("ws://host/ws?resume=true");
    world.last.on.open();
    const epoch = FIRST.find((message) => message.type === "epoch_progress");
    expect(JSON.parse(world.last.sent[0] ?? "")).toEqual({
      type: "resume",
      after: { [NAME]: epoch !== undefined && "cursor" in epoch ? epoch.cursor : "" },
    });
    expect(world.kind).toBe("live");
    world.tell(LATER);
    expect(world.told).toHaveLength(FIRST.length + LATER.length);
  });

  it("tries again less and less often, and dates what is stale", () => {
    const since = world.nowMs;
    const delays: number[] = [];
    for (let attempt = 0; attempt < 7; attempt += 1) {
      world.last.on.close(1006);
      delays.push((world.connections.at(-1)?.retryAt ?? 0) - world.nowMs);
      world.pass(20_000);
    }
    expect(delays).toEqual([1_000, 1_500, 3_000, 6_000, 11_250, 11_250, 11_250]);
    expect(world.connections.at(-1)).toMatchObject({ kind: "stale", since });
  });

  it("takes a connection over which nothing comes for dead", () => {
    const silent = world.last;
    world.pass(71_000);
    expect(silent.closed).toBe(true);
    expect(world.kind === "stale" || world.opened.length > 1).toBe(true);
  });

  it("stays with a connection that is alive", () => {
    for (let times = 0; times < 20; times += 1) {
      world.pass(15_000);
      world.tell([{ type: "alive" }]);
    }
    expect(world.opened).toHaveLength(1);
    expect(world.kind).toBe("live");
  });

  it("gives up where another attempt cannot help", () => {
    for (const [code, kind] of [
      [4401, "login"],
      [4406, "outdated"],
      [4404, "gone"],
    ] as const) {
      world = new World();
      world.socket.connect();
      world.last.on.close(code);
      world.pass(60_000);
      expect(world.kind).toBe(kind);
      expect(world.opened).toHaveLength(1);
    }
  });

  it("forgets the cursors that a server does not understand", () => {
    world.last.on.close(4400);
    world.pass(1_000);
    expect(world.last.url).toBe("ws://host/ws");
  });

  it("asks for the new page when the server speaks another version", () => {
    world.tell([{ ...FIRST[0], protocol: 2 }]);
    expect(world.kind).toBe("outdated");
    expect(world.last.closed).toBe(true);
  });

  it("connects at once when the network is back, and never twice", () => {
    world.last.on.close(1006);
    world.socket.retry();
    world.socket.retry();
    expect(world.opened).toHaveLength(2);
  });

  it("ignores what is no message", () => {
    world.last.on.message("not JSON");
    world.last.on.message(new ArrayBuffer(2));
    expect(world.told).toHaveLength(FIRST.length);
  });
});

describe("the delay before an attempt", () => {
  it("is from 1 to 15 s, with jitter", () => {
    for (let failures = 1; failures < 30; failures += 1) {
      for (const random of [0, 0.5, 0.999]) {
        const delay = retryDelayMs(failures, random);
        expect(delay).toBeGreaterThanOrEqual(1_000);
        expect(delay).toBeLessThanOrEqual(15_000);
      }
    }
    expect(retryDelayMs(9, 0)).not.toBe(retryDelayMs(9, 0.9));
  });

  it("is longer for a server that has too many clients", () => {
    const next = afterClose(1013);
    expect(next.kind === "retry" && retryDelayMs(1, 0, next.leastDelayMs)).toBe(5_000);
  });
});

// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { startFeed } from "./feed";
import { FIRST, LATER, only } from "./recorded";
import { liveStore } from "./store";
import type { FromWorker, ToWorker } from "./wire";

const SAMPLES = ["batch_progress", "resource_sample", "progress"];
const types = (messages: readonly { type: string }[]) => messages.map(({ type }) => type);

describe("the worker", () => {
  /** The socket of the worker, over which the server says what the test says. */
  class Server {
    static last: Server;
    onmessage: (event: { data: string }) => void = () => {};
    onclose: (event: { code: number }) => void = () => {};
    constructor() {
      Server.last = this;
    }
    say(message: object) {
      this.onmessage({ data: JSON.stringify(message) });
    }
  }

  const told: FromWorker[] = [];
  const scope = {
    onmessage: (_: { data: ToWorker }) => {},
    postMessage: (message: FromWorker) => told.push(message),
  };
  const tell = (data: ToWorker) => scope.onmessage({ data });
  const messages = () => told.flatMap((one) => (one.type === "message" ? [one.message] : []));

  beforeEach(async () => {
    vi.resetModules();
    vi.stubGlobal("self", scope);
    vi.stubGlobal("WebSocket", Server);
    await import("./worker");
    tell({ type: "connect", origin: "http://host" });
    told.length = 0;
  });
  afterEach(() => vi.unstubAllGlobals());

  test("tells a page in view everything, in order", () => {
    for (const message of FIRST) Server.last.say(message);
    expect(messages()).toEqual(FIRST);
  });

  test("tells a hidden page durable events only, and the latest progress once it is in view again", () => {
    const [list, ...events] = FIRST;
    Server.last.say(list as object);
    tell({ type: "hidden", hidden: true });
    told.length = 0;
    const before = { ...only("progress"), status: "before" };
    for (const message of [before, ...events, ...LATER]) Server.last.say(message);
    const durable = [...events, ...LATER].filter(({ type }) => !SAMPLES.includes(type));
    expect(messages()).toEqual(durable);
    expect(types(durable)).toContain("epoch_progress");

    told.length = 0;
    tell({ type: "hidden", hidden: false });
    expect(messages()).toEqual([only("progress")]);
    Server.last.say(only("batch_progress"));
    expect(types(messages())).toEqual(["progress", "batch_progress"]);
  });

  test("connects at once when a page is in view again", () => {
    const first = Server.last;
    tell({ type: "hidden", hidden: true });
    first.onclose({ code: 1006 });
    expect(Server.last).toBe(first);
    tell({ type: "hidden", hidden: false });
    expect(Server.last).not.toBe(first);
  });
});

describe("the page", () => {
  let say: (message: FromWorker) => void = () => {};
  let post: (message: ToWorker) => void = () => {};
  let hidden = false;
  const frames: (() => void)[] = [];
  const changes = vi.fn();
  const samples = Array.from({ length: 100 }, (): FromWorker => ({ type: "message", message: only("batch_progress") }));

  class Scripted {
    onmessage: (event: { data: FromWorker }) => void = () => {};
    constructor() {
      say = (message) => this.onmessage({ data: message });
    }
    postMessage(message: ToWorker) {
      post(message);
    }
  }

  function setHidden(now: boolean) {
    hidden = now;
    document.dispatchEvent(new Event("visibilitychange"));
  }

  beforeEach(() => {
    frames.length = 0;
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    vi.stubGlobal("Worker", Scripted);
    vi.stubGlobal("requestAnimationFrame", (act: () => void) => frames.push(act));
    vi.spyOn(document, "hidden", "get").mockImplementation(() => hidden);
    startFeed();
    changes.mockClear();
    const leave = liveStore.subscribe(changes);
    return () => {
      leave();
      setHidden(false);
      vi.useRealTimers();
      vi.unstubAllGlobals();
    };
  });

  test("takes messages over once a frame, however many there are", () => {
    for (const message of samples) say(message);
    expect(frames).toHaveLength(1);
    expect(changes).not.toHaveBeenCalled();
    frames[0]?.();
    expect(changes).toHaveBeenCalledTimes(1);
    for (const message of samples) say(message);
    expect(frames).toHaveLength(2);
    frames[1]?.();
    expect(changes).toHaveBeenCalledTimes(2);
  });

  test("takes them over once a second while it is hidden, and at once when it is in view again", () => {
    const posted = vi.fn();
    post = posted;
    setHidden(true);
    expect(posted).toHaveBeenLastCalledWith({ type: "hidden", hidden: true });
    for (const message of samples) say(message);
    vi.advanceTimersByTime(999);
    expect(changes).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(changes).toHaveBeenCalledTimes(1);
    say(samples[0] as FromWorker);
    setHidden(false);
    expect(posted).toHaveBeenLastCalledWith({ type: "hidden", hidden: false });
    expect(changes).toHaveBeenCalledTimes(2);
    expect(frames).toHaveLength(0);
  });
});

import { onlineManager, QueryObserver } from "@tanstack/react-query";
import { afterEach, expect, test } from "vitest";
import { askAgain, queryClient } from "./queryClient";

afterEach(() => onlineManager.setOnline(true));

test("a browser without a network asks a server on its own machine", async () => {
  onlineManager.setOnline(false);
  expect(await queryClient.fetchQuery({ queryKey: ["here"], queryFn: () => "answered" })).toBe("answered");
});

test("a request that hangs is dropped and sent again, and who waits for it gets the new answer", async () => {
  const signals: AbortSignal[] = [];
  const options = {
    queryKey: ["slow"],
    queryFn: ({ signal }: { signal: AbortSignal }) => {
      signals.push(signal);
      return signals.length === 1 ? new Promise<string>(() => {}) : "answered";
    },
  };
  expect(askAgain()).toBe(false);
  const observer = new QueryObserver(queryClient, options);
  const stop = observer.subscribe(() => {});
  const waiting = queryClient.fetchQuery(options);
  void observer.refetch();
  expect(signals.length).toBe(1);
  expect(askAgain()).toBe(true);
  expect(await waiting).toBe("answered");
  expect(observer.getCurrentResult().data).toBe("answered");
  expect(signals.map((signal) => signal.aborted)).toEqual([true, false]);
  expect(askAgain()).toBe(false);
  stop();
});

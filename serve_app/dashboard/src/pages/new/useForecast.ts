import { useEffect, useMemo } from "react";
import { ApiError } from "../../api/client";
import { useDevices } from "../../api/useDevices";
import { useDryRun } from "../../api/useDryRun";
import { useEstimate } from "../../api/useEstimate";
import { useConnection } from "../../live/store";
import type { SpecBody } from "../../model/specDraft";
import { useDebounced, useLast } from "./useDebounced";

const DELAY_MS = 300;
const NONE: Readonly<Record<string, unknown>> = {};

/** What the server says of the form: numbers, machines, the whole spec, and the errors of fields. */
export function useForecast(spec: SpecBody) {
  const settled = useDebounced(spec, DELAY_MS);
  const estimate = useEstimate(settled);
  const dryRun = useDryRun(settled);
  const devices = useDevices();
  const limit = settled.time_budget_s;
  const last = useLast(
    useMemo(
      () => estimate.data && { estimate: estimate.data, budgetS: typeof limit === "number" ? limit : null },
      [estimate.data, limit],
    ),
  );
  const resolved = useLast(dryRun.data?.spec) ?? NONE;
  const waits = dryRun.isPending || estimate.isPending;
  const problem = useLast(waits ? undefined : (refusal(dryRun.error) ?? refusal(estimate.error))) ?? null;
  const isSettled = settled === spec;
  const failed = [estimate, dryRun, devices].filter((one) => one.isError && refusal(one.error) === null);
  const retry = () => {
    for (const one of failed) void one.refetch();
  };
  useWhenLive(retry);
  return {
    estimate: last?.estimate,
    budgetS: last?.budgetS ?? null,
    devices: devices.data,
    resolved: resolved as Readonly<Record<string, unknown>>,
    /** The server's refusal of what the form says now or said a moment ago. */
    problem,
    current: isSettled && estimate.isSuccess,
    /** Whether the errors are those of what the form says now. */
    answered: isSettled && !waits,
    note: noteOf(estimate.error ?? dryRun.error, problem !== null, last !== undefined),
    /** Asks once more; null where the server has answered. */
    retry: failed.some((one) => one !== devices) ? retry : null,
  };
}

/** Calls `action` when the server answers again. */
function useWhenLive(action: () => void): void {
  const { kind } = useConnection();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the connection alone calls it
  useEffect(() => {
    if (kind === "live") action();
  }, [kind]);
}

/** The error if the server refuses the spec; null if the request failed for another reason. */
export function refusal(error: unknown): ApiError | null {
  const refused = error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 401;
  return refused ? error : null;
}

function noteOf(error: unknown, refused: boolean, known: boolean): string {
  if (refused) return `Correct the marked settings to ${known ? "update" : "see"} these numbers.`;
  if (!error) return "";
  if (error instanceof ApiError && error.status === 0) {
    return "The server does not answer. Your settings stay here; the numbers come when it answers again.";
  }
  return `These numbers cannot be ${known ? "updated" : "calculated"} now. You can start all the same.`;
}

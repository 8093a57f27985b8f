import { ApiError } from "../../api/client";
import { useDevices } from "../../api/useDevices";
import { useDryRun } from "../../api/useDryRun";
import { useEstimate } from "../../api/useEstimate";
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
  const last = useLast(estimate.data);
  const resolved = useLast(dryRun.data?.spec) ?? NONE;
  const waits = dryRun.isPending || estimate.isPending;
  const problem = useLast(waits ? undefined : (refusal(dryRun.error) ?? refusal(estimate.error))) ?? null;
  const isSettled = settled === spec;
  return {
    estimate: last,
    devices: devices.data,
    resolved: resolved as Readonly<Record<string, unknown>>,
    /** The server's refusal of what the form says now or said a moment ago. */
    problem,
    current: isSettled && estimate.isSuccess,
    /** Whether the errors are those of what the form says now. */
    answered: isSettled && !waits,
    note: noteOf(estimate.error, problem !== null),
  };
}

/** The error if the server refuses the spec; null if the request failed for another reason. */
export function refusal(error: unknown): ApiError | null {
  const refused = error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 401;
  return refused ? error : null;
}

function noteOf(error: unknown, refused: boolean): string {
  if (refused) return "Correct the marked settings to update these numbers.";
  return error ? "These numbers cannot be updated now. You can start all the same." : "";
}

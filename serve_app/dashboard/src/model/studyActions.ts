/** Which actions the status of a study allows. The server has the last word. Pure. */
import type { components } from "../api/generated/openapi";

type Job = components["schemas"]["Job"];

export interface StudyCan {
  /** null: there is nothing to cancel; "cancelling": it was asked already. */
  cancel: "cancel" | "cancelling" | null;
  resume: boolean;
  moreTrials: boolean;
  /** Why it cannot be deleted now; null: it can. */
  deleteRefusal: string | null;
}

export function actionsOf(study: {
  status: Job["status"];
  cancel_requested_at: string | null;
  totalTrials: number;
  performedTrials: number;
}): StudyCan {
  const { status, cancel_requested_at, totalTrials, performedTrials } = study;
  const alive = status === "running" || status === "created";
  const left = performedTrials < totalTrials;
  return {
    cancel: !alive ? null : cancel_requested_at !== null ? "cancelling" : "cancel",
    resume: status === "interrupted" || status === "failed" || (status === "cancelled" && left),
    moreTrials: !alive && status !== "failed",
    deleteRefusal: alive ? "This study is not finished. Cancel it first, then delete it." : null,
  };
}

import { useCallback } from "react";
import { useSearch } from "wouter";
import { withParam, writeParams } from "../../state/url";

/** Makes the address of this page with the panel of a trial open, relative to this page. */
export function useTrialHref(): (number: number) => string {
  const search = useSearch();
  return useCallback((number) => `?${withParam(search, "trial", String(number))}`, [search]);
}

export function openTrial(number: number): void {
  writeParams({ trial: String(number) }, { push: true });
}

export function closeTrial(): void {
  writeParams({ trial: null, tab: null }, { push: true });
}

import { useCallback } from "react";
import {
  type Part,
  readSelection,
  type Selection,
  withCondition,
  writeSelection,
} from "../../model/analysis/selection";
import { type Codec, useParam, writeParams } from "../../state/url";

const CODEC: Codec<Selection> = { read: readSelection, write: writeSelection };

/** The trials that a person has selected by brushing: all panels and the address have the same ones. */
export function useSelection() {
  const [selection, write] = useParam("trials", CODEC);
  /** Each change is a step of the history, so that Back undoes it. */
  const setSelection = useCallback((next: Selection) => write(next, { push: true }), [write]);
  return { selection, setSelection };
}

/** Changes conditions of the address, as they are when it is called; no parts remove a condition. */
export function brush(changes: readonly (readonly [key: string, parts: readonly Part[]])[]): void {
  let selection = readSelection(new URLSearchParams(window.location.search).get("trials"));
  for (const [key, parts] of changes) selection = withCondition(selection, key, parts);
  writeParams({ trials: writeSelection(selection) }, { push: true });
}

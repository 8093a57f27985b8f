import { Download } from "lucide-react";
import { trialsCsv } from "../../model/trialCsv";
import { Button } from "../../parts";
import { saveFile } from "../../parts/saveFile";
import type { TrialList } from "./useTrialList";

/** Saves exactly the trials that are shown, in their order, with all columns. */
export function CsvButton({ id, list }: { id: string; list: TrialList }) {
  return (
    <Button disabled={list.shown.length === 0} onClick={() => saveFile(`${id}-trials.csv`, csvOf(list))}>
      <Download aria-hidden="true" className="size-4" />
      CSV
    </Button>
  );
}

function csvOf(list: TrialList): Blob {
  return new Blob([trialsCsv(list.shown, list.columns)], { type: "text/csv;charset=utf-8" });
}

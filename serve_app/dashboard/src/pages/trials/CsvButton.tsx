import { Download } from "lucide-react";
import { trialsCsv } from "../../model/trialCsv";
import { Button } from "../../parts";
import type { TrialList } from "./useTrialList";

/** Saves exactly the trials that are shown, in their order, with all columns. */
export function CsvButton({ id, list }: { id: string; list: TrialList }) {
  return (
    <Button
      disabled={list.shown.length === 0}
      onClick={() => save(`${id}-trials.csv`, trialsCsv(list.shown, list.columns))}
    >
      <Download aria-hidden="true" className="size-4" />
      CSV
    </Button>
  );
}

function save(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

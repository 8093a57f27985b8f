import { ChevronLeft, ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import type { Split } from "../../api/shapes";
import { type SamplesOf, useSamples } from "../../api/useSamples";
import { count } from "../../model/format";
import { pageStart, pageWords } from "../../model/try/pages";
import { Button, Panel, type PanelState, panelState, Segmented, Select, Spinner } from "../../parts";
import { codecs, useParam, writeParams } from "../../state/url";
import { SampleGrid } from "./SampleGrid";

const SPLIT = codecs.choice(["train", "validation", "test"] as const, "validation");
const TEXT = codecs.text();
const NUMBER = codecs.number(0);
const SIZE = 24;
const SPLIT_WORDS: Readonly<Record<Split, string>> = { train: "Training", validation: "Validation", test: "Test" };

interface Props {
  of: SamplesOf;
  /** Parts of the data that may be shown. */
  splits: readonly Split[];
  question: string;
  title?: string;
  /** What is said above the samples. */
  note?: ReactNode;
  /** The chosen sample; absent: samples cannot be chosen. */
  chosen?: number | null;
  onChoose?: (split: Split, index: number) => void;
}

/** Samples page by page, of one part and one class or of all. What is set stands in the address. */
export function SampleBrowser({ of, splits, question, title = "Samples", note, chosen, onChoose }: Props) {
  const [asked] = useParam("split", SPLIT);
  const [label] = useParam("label", TEXT);
  const [from, setFrom] = useParam("from", NUMBER);
  const split = splits.includes(asked) ? asked : (splits[0] ?? "validation");
  const offset = pageStart(from, SIZE);
  const query = useSamples(of, { split, offset, limit: SIZE, ...(label === "" ? {} : { label }) });
  const page = query.data;
  // Another part or class begins with its first page, and the chosen sample is not in it.
  const choosePart = (next: Split) => writeParams({ split: SPLIT.write(next), from: null, sample: null });
  const chooseLabel = (next: string) => writeParams({ label: TEXT.write(next), from: null, sample: null });
  return (
    <Panel
      title={title}
      question={question}
      state={stateOf(query, label)}
      actions={
        <>
          {splits.length > 1 && (
            <Segmented
              label="Part of the data"
              value={split}
              onChange={choosePart}
              options={splits.map((value) => ({ value, label: SPLIT_WORDS[value] }))}
            />
          )}
          <Select
            aria-label="Class"
            className="max-w-40"
            value={label}
            onChange={chooseLabel}
            options={[
              { value: "", label: "All classes" },
              ...classesOf(page?.labels, label).map((value) => ({ value, label: value })),
            ]}
          />
        </>
      }
    >
      {note}
      {page === undefined && <Reading />}
      {page !== undefined && (
        <>
          <SampleGrid
            samples={page.samples}
            split={page.split}
            busy={query.isPlaceholderData}
            chosen={chosen}
            onChoose={onChoose && ((index) => onChoose(page.split, index))}
          />
          <div className="mt-3 flex flex-wrap items-center justify-between gap-2">
            <p role="status" className="text-[12px] text-muted">
              {pageWords(offset, page.samples.length, page.total)}
              {page.left_out > 0 &&
                `. ${count(page.left_out)} more cannot be shown: they come after the first gigabyte.`}
            </p>
            <div className="flex gap-2">
              <Button size="small" disabled={offset === 0} onClick={() => setFrom(Math.max(0, offset - SIZE))}>
                <ChevronLeft aria-hidden="true" className="size-3.5" />
                Previous
              </Button>
              <Button size="small" disabled={offset + SIZE >= page.total} onClick={() => setFrom(offset + SIZE)}>
                Next
                <ChevronRight aria-hidden="true" className="size-3.5" />
              </Button>
            </div>
          </div>
        </>
      )}
    </Panel>
  );
}

/** The first request for the samples of a data set reads all of it. */
function Reading() {
  return (
    <p role="status" aria-busy="true" className="flex min-h-72 items-start gap-2 py-4 text-muted">
      <Spinner />
      The server reads the data. The first time, a large data set takes up to two minutes.
    </p>
  );
}

/** The classes of the select; the chosen one is among them while they load. */
function classesOf(labels: readonly string[] = [], chosen: string): readonly string[] {
  return chosen === "" || labels.includes(chosen) ? labels : [chosen, ...labels];
}

function stateOf(query: ReturnType<typeof useSamples>, label: string): PanelState {
  const state = panelState(query);
  if (state.kind === "loading") return { kind: "ready" }; // the panel itself says what the server does
  if (state.kind !== "ready" || query.data === undefined || query.data.total > 0) return state;
  const text = label === "" ? "This part of the data has no samples." : `This part has no samples of ${label}.`;
  return { kind: "empty", text };
}

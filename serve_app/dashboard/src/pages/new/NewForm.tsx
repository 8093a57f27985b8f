import { ChevronRight } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import type { DatasetEntry } from "../../api/useDatasets";
import { commandOf } from "../../model/specCommand";
import { type OptionsDocument, spaceOfKind } from "../../model/specDocument";
import { type Draft, specOf, targetOf } from "../../model/specDraft";
import { byField, formErrors, formWarnings } from "../../model/specErrors";
import { Button, ErrorNote } from "../../parts";
import { codecs, useParam } from "../../state/url";
import { Advanced } from "./Advanced";
import { Basics } from "./Basics";
import { ErrorSummary } from "./ErrorSummary";
import { Forecast, StartButton } from "./Forecast";
import { FormContext, focusField } from "./form";
import { HealthSliders } from "./HealthSliders";
import { groupOf } from "./places";
import { useDraft } from "./useDraft";
import { useForecast } from "./useForecast";
import { useStart } from "./useStart";

const FLAG = codecs.flag();
const TEXT = codecs.text();

interface Props {
  /** Where the draft is kept: the study, or the trial, that is copied. */
  place: string;
  initial: Draft;
  document: OptionsDocument;
  datasets: readonly DatasetEntry[];
}

export function NewForm({ place, initial, document, datasets }: Props) {
  const { draft, wasRestored, change, clear, forget } = useDraft(place, initial);
  const options = document.fields;
  const spec = useMemo(() => specOf(draft, options), [draft, options]);
  const forecast = useForecast(spec);
  const start = useStart(spec, forget);
  const [advanced, setAdvanced] = useParam("advanced", FLAG);
  const [search, setSearch] = useParam("find", TEXT);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [asked, setAsked] = useState<string | null>(null);

  const problem = start.problem ?? forecast.problem;
  const errors = useMemo(() => (problem ? formErrors(problem, options) : []), [problem, options]);
  const messages = useMemo(() => byField(errors), [errors]);
  const impossible = errors.length === 0 ? forecast.estimate?.problems : undefined;
  const warned = useMemo(() => formWarnings(impossible, options), [impossible, options]);
  const warnings = useMemo(() => byField(warned), [warned]);

  useEffect(() => {
    if (asked !== null && focusField(asked)) setAsked(null);
  }); // on every render: the group that holds the field may open a moment later
  useEffect(() => {
    if (asked === null) return;
    const timer = setTimeout(() => setAsked(null), 1_000); // a field that is not in the form now
    return () => clearTimeout(timer);
  }, [asked]);
  const toggle = (group: string, shown: boolean) =>
    setOpen((before) => new Set(shown ? [...before, group] : [...before].filter((one) => one !== group)));
  const goTo = (field: string) => {
    const group = groupOf(field, options);
    if (group !== null) {
      setAdvanced(true);
      setSearch("");
      toggle(group, true);
    }
    setAsked(field);
  };
  const pressStart = async () => {
    const known = forecast.answered ? errors : [];
    const found =
      known.length > 0 ? known : await start.run().then((refused) => (refused ? formErrors(refused, options) : []));
    const first = found.find((one) => one.field !== null)?.field;
    if (first) goTo(first);
  };

  const chosen = String(spec.dataset ?? forecast.resolved.dataset ?? "digits");
  const kind = datasets.find((one) => one.name === chosen)?.kind;
  return (
    <FormContext value={{ draft, options, resolved: forecast.resolved, errors: messages, warnings, change }}>
      {wasRestored && (
        <div className="panel flex flex-wrap items-center justify-between gap-2 px-4 py-2">
          <p className="text-muted">These are the settings that you typed before.</p>
          <Button size="small" onClick={clear}>
            Start over
          </Button>
        </div>
      )}
      <div className="grid min-w-0 items-start gap-4 lg:grid-cols-[minmax(0,1fr)_300px] xl:grid-cols-[minmax(0,1fr)_340px]">
        <Basics datasets={datasets} />
        <div className="min-w-0 lg:sticky lg:top-4 lg:row-span-3">
          <Forecast
            {...forecast}
            dataset={chosen}
            command={commandOf(spec, options)}
            starting={start.busy}
            onStart={() => void pressStart()}
          >
            <ErrorSummary errors={errors} onGo={goTo} />
            <ErrorSummary errors={warned} warn onGo={goTo} />
            {start.fault !== null && <ErrorNote title="The study was not started" error={start.fault} />}
          </Forecast>
        </div>
        {targetOf(draft) !== "simple" && <HealthSliders />}
        <div className="flex min-w-0 flex-col gap-3">
          <button
            type="button"
            aria-expanded={advanced}
            onClick={() => setAdvanced(!advanced)}
            className="focus-ring flex items-baseline gap-2 self-start rounded-button px-1 py-1 text-left font-medium"
          >
            <ChevronRight
              aria-hidden="true"
              className={`size-4 shrink-0 self-center text-muted ${advanced ? "rotate-90" : ""}`}
            />
            Advanced
            <span className="font-normal text-muted">every other setting, and the search space</span>
          </button>
          {advanced && (
            <Advanced
              space={spaceOfKind(document, kind)}
              search={search}
              onSearch={setSearch}
              open={open}
              onToggle={toggle}
            />
          )}
        </div>
        <div className="sticky bottom-14 z-10 -mx-4 border-t border-line bg-page px-4 py-2 md:bottom-0 lg:hidden">
          <StartButton busy={start.busy} onStart={() => void pressStart()} />
        </div>
      </div>
    </FormContext>
  );
}

import { Play } from "lucide-react";
import type { ReactNode } from "react";
import { type Devices, type Estimate, figures, forecastSentence } from "../../model/specForecast";
import { Button, CopyButton, Panel } from "../../parts";

interface Props {
  dataset: string;
  estimate: Estimate | undefined;
  /** The time limit for which the estimate was made, in seconds. */
  budgetS: number | null;
  devices: Devices | undefined;
  /** Whether the numbers belong to what the form says now. */
  current: boolean;
  /** Whether the server has said all that it says of this form. */
  answered: boolean;
  /** Why there are no newer numbers; empty while they are on their way. */
  note: string;
  /** Asks the server once more; null where it has answered. */
  retry: (() => void) | null;
  command: string;
  starting: boolean;
  onStart: () => void;
  children: ReactNode;
}

/** What will happen, in numbers, beside the button that makes it happen. */
export function Forecast(props: Props) {
  const { dataset, estimate, budgetS, devices, current, answered, note, retry, command } = props;
  const { starting, onStart, children } = props;
  const unknown = note === "" ? "Calculating …" : "Not known yet.";
  return (
    <Panel title="What will happen">
      <div className="flex flex-col gap-4">
        <div aria-busy={!answered} className={current ? "" : "text-muted"}>
          <p aria-live="polite" className="min-h-[3lh] md:min-h-[2lh]">
            {estimate ? forecastSentence(estimate, dataset, budgetS) : unknown}
          </p>
          <dl className="mt-2 grid grid-cols-2 gap-x-4 gap-y-3">
            {figures(estimate, devices, budgetS).map((figure) => (
              <div key={figure.label} className="min-w-0">
                <dt className="text-[12px] text-muted">{figure.label}</dt>
                <dd className="text-[18px] font-semibold break-words">{figure.value}</dd>
                <dd className="min-h-[2lh] text-[12px] text-muted">{figure.note}</dd>
              </div>
            ))}
          </dl>
        </div>
        {note !== "" && (
          <div role="status" className="flex flex-wrap items-center justify-between gap-2 text-[12px] text-warn">
            <p className="min-w-0 flex-1 basis-40">{note}</p>
            {retry !== null && (
              <Button size="small" onClick={retry}>
                Try again
              </Button>
            )}
          </div>
        )}
        {children}
        <div className="hidden lg:block">
          <StartButton busy={starting} onStart={onStart} />
        </div>
        <Command command={command} />
      </div>
    </Panel>
  );
}

/** In the panel on a large screen; at the lower edge of a small one, where the panel is far down. */
export function StartButton({ busy, onStart }: { busy: boolean; onStart: () => void }) {
  return (
    <Button kind="good" className="w-full" busy={busy} onClick={onStart}>
      <Play aria-hidden="true" className="size-4" />
      Start
    </Button>
  );
}

function Command({ command }: { command: string }) {
  return (
    <div className="min-w-0">
      <div className="mb-1 flex items-center justify-between gap-2">
        <h3 className="text-[12px] font-medium text-muted">The same from a terminal</h3>
        <CopyButton text={command} />
      </div>
      <code className="block rounded-button bg-sunken p-3 text-[12px] break-words whitespace-pre-wrap">{command}</code>
    </div>
  );
}

import { ChevronDown, ChevronUp, Download } from "lucide-react";
import { useState } from "react";
import { readWholeLog } from "../../api/logPart";
import { count } from "../../model/format";
import { Button, inputClass } from "../../parts";
import { saveFile } from "../../parts/saveFile";

interface Props {
  id: string;
  sought: string;
  onSought: (text: string) => void;
  found: number;
  at: number;
  onStep: (by: 1 | -1) => void;
  onlyErrors: boolean;
  onOnlyErrors: (on: boolean) => void;
  wrapped: boolean;
  onWrapped: (on: boolean) => void;
}

/** Find, switches and the download of a log. */
export function LogTools(props: Props) {
  const { sought, found, at, onStep } = props;
  const seeking = sought.trim() !== "";
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-2">
      <search className="flex min-w-0 items-center gap-1">
        <input
          type="search"
          value={sought}
          onChange={(event) => props.onSought(event.target.value)}
          onKeyDown={(event) => event.key === "Enter" && onStep(event.shiftKey ? -1 : 1)}
          aria-label="Find in the log"
          placeholder="Find"
          className={`${inputClass} !w-40`}
        />
        <Button kind="ghost" size="icon" aria-label="Previous match" disabled={found === 0} onClick={() => onStep(-1)}>
          <ChevronUp aria-hidden="true" className="size-4" />
        </Button>
        <Button kind="ghost" size="icon" aria-label="Next match" disabled={found === 0} onClick={() => onStep(1)}>
          <ChevronDown aria-hidden="true" className="size-4" />
        </Button>
        <span role="status" className="min-w-20 text-[12px] text-muted">
          {!seeking
            ? ""
            : found === 0
              ? "not found"
              : at > 0
                ? `${count(at)} of ${count(found)}`
                : `${count(found)} found`}
        </span>
      </search>
      <Switch label="Errors only" on={props.onlyErrors} onChange={props.onOnlyErrors} />
      <Switch label="Wrap lines" on={props.wrapped} onChange={props.onWrapped} />
      <DownloadButton id={props.id} />
    </div>
  );
}

function Switch({ label, on, onChange }: { label: string; on: boolean; onChange: (on: boolean) => void }) {
  return (
    <label className="flex h-9 cursor-pointer items-center gap-1.5 text-[12px]">
      <input
        type="checkbox"
        checked={on}
        onChange={(event) => onChange(event.target.checked)}
        className="size-4 accent-[var(--accent)]"
      />
      {label}
    </label>
  );
}

function DownloadButton({ id }: { id: string }) {
  const [state, setState] = useState<"idle" | "busy" | "failed">("idle");
  const download = async () => {
    setState("busy");
    try {
      saveFile(`${id}.log`, new Blob([await readWholeLog(id)], { type: "text/plain;charset=utf-8" }));
      setState("idle");
    } catch {
      setState("failed");
    }
  };
  return (
    <>
      <Button size="normal" busy={state === "busy"} onClick={() => void download()}>
        <Download aria-hidden="true" className="size-4" />
        Download
      </Button>
      {state === "failed" && (
        <span role="alert" className="text-[12px] text-bad">
          The log cannot be read now.
        </span>
      )}
    </>
  );
}

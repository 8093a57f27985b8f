import type { ReactNode } from "react";

/** One number with its label; `note` says what it is made of. */
export function Tile(props: { label: ReactNode; value: ReactNode; note?: ReactNode; className?: string }) {
  return (
    <div className={`panel flex min-w-0 flex-col gap-0.5 px-4 py-3 ${props.className ?? ""}`}>
      <div className="text-[12px] text-muted">{props.label}</div>
      <div className="truncate text-[26px] leading-8 font-semibold tracking-tight">{props.value}</div>
      {props.note !== undefined && <div className="truncate text-[12px] text-muted">{props.note}</div>}
    </div>
  );
}

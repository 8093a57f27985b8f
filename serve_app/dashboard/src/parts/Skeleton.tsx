import { useEffect, useState } from "react";
import { askAgain } from "../api/queryClient";
import { Button } from "./Button";

/** Grey bars in the shape of what is loading. */
export function Skeleton(props: { lines?: number; className?: string }) {
  return (
    <div aria-hidden="true" className={`flex flex-col gap-2 ${props.className ?? ""}`}>
      {Array.from({ length: props.lines ?? 3 }, (_, line) => (
        <div
          key={line}
          className="h-4 animate-pulse rounded bg-sunken motion-reduce:animate-none"
          style={{ width: `${100 - line * 18}%` }}
        />
      ))}
    </div>
  );
}

/** What a page shows before it has anything: nothing for a moment, since most answers come sooner, then a skeleton. */
export function LateSkeleton() {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 400);
    return () => clearTimeout(timer);
  }, []);
  return late ? <Loading lines={6} /> : <div aria-busy="true" />;
}

export function PageSkeleton() {
  return (
    <div className="p-4 md:p-6">
      <Loading lines={6} />
    </div>
  );
}

const PATIENCE_MS = 10_000;

/**
 * A skeleton that after 10 s names the likely cause and offers "Try again": no page loads without an end. It repeats the
 * requests that have no answer; `retry` is for what loads in another way, else the page is loaded anew.
 */
export function Loading(props: { lines?: number; retry?: () => void }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (late) return;
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [late]);
  const again = () => {
    setLate(false);
    const asked = askAgain();
    if (props.retry !== undefined) props.retry();
    else if (!asked) window.location.reload();
  };
  if (!late) {
    return (
      <div role="status" aria-busy="true">
        <span className="sr-only">Loading</span>
        <Skeleton lines={props.lines} />
      </div>
    );
  }
  return (
    <div role="status" className="flex flex-wrap items-center gap-3 rounded-button bg-warn-soft p-3">
      <p className="min-w-0 flex-1 text-warn">
        The server has not answered for 10 s. It may be busy, stopped or unreachable.
      </p>
      <Button size="small" onClick={again}>
        Try again
      </Button>
    </div>
  );
}

import { useRef } from "react";
import { useLocation } from "wouter";
import { useStartStudy } from "../../api/useStartStudy";
import { randomKey } from "../../model/specRequest";
import { Button, ButtonLink } from "../../parts/Button";
import { ErrorNote } from "../../parts/ErrorNote";

const FIRST = { dataset: "digits", trials: 8 };

/** The empty page: one click starts a small search, so that there is something to see within a minute. */
export function FirstSearch() {
  const start = useStartStudy();
  const [, navigate] = useLocation();
  const key = useRef<string | null>(null);
  const run = () => {
    key.current ??= randomKey(); // a second click, after a lost answer, starts no second study
    start.mutate({ spec: FIRST, key: key.current }, { onSuccess: (id) => navigate(`/s/${encodeURIComponent(id)}`) });
  };
  return (
    <section className="panel flex flex-col items-center gap-4 px-4 py-12 text-center">
      <h2 className="text-[16px] font-semibold">No study yet</h2>
      <p className="max-w-prose text-muted">
        A study trains many networks on your data and finds the best one. Start a small one to see how it works.
      </p>
      <Button kind="good" busy={start.isPending} onClick={run} className="!h-auto min-h-9 !whitespace-normal py-1.5">
        Search on digits: eight networks, about a minute
      </Button>
      <ButtonLink href="/new" className="!h-auto min-h-9 !whitespace-normal py-1.5">
        Choose the data and the settings yourself
      </ButtonLink>
      <ButtonLink href="/data?upload=1" kind="ghost">
        Upload your own data
      </ButtonLink>
      {start.isError && <ErrorNote error={start.error} />}
    </section>
  );
}

import { useMemo } from "react";
import { useJobs } from "../../api/useJobs";
import { useOlderJobs } from "../../api/useStudies";
import { filterStudies, type HistoryFilter, type HistoryStudy } from "../../model/history/history";
import { codecs, useParam } from "../../state/url";

const TEXT = codecs.text();

/** The studies that are known, and those of them that the address asks for. */
export function useHistory() {
  const jobs = useJobs();
  const older = useOlderJobs(jobs.data?.next_cursor ?? null);
  const [text] = useParam("q", TEXT);
  const [dataset] = useParam("dataset", TEXT);
  const [tag] = useParam("tag", TEXT);
  const filter: HistoryFilter = useMemo(() => ({ text, dataset, tag }), [text, dataset, tag]);
  const all = useMemo(() => {
    const pages = [jobs.data, ...(older.data?.pages ?? [])];
    const known = new Map<string, HistoryStudy>();
    // What the feed keeps up to date comes first.
    for (const page of pages) for (const job of page?.items ?? []) if (!known.has(job.id)) known.set(job.id, job);
    return [...known.values()];
  }, [jobs.data, older.data]);
  const shown = useMemo(() => filterStudies(all, filter), [all, filter]);
  const more = older.data === undefined ? jobs.data?.next_cursor != null : older.hasNextPage;
  return { jobs, older, filter, all, shown, more };
}

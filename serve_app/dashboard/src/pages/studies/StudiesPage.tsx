import { useJobs } from "../../api/useJobs";
import { ErrorNote } from "../../parts/ErrorNote";
import { FirstSearch } from "./FirstSearch";
import { StudiesSkeleton } from "./StudiesSkeleton";
import { StudyCard } from "./StudyCard";

/** All studies as cards, the newest first; without one, the button that starts the first. */
export default function StudiesPage() {
  const jobs = useJobs();
  const items = jobs.data?.items;
  return (
    <div data-page="studies" className="mx-auto flex max-w-7xl flex-col gap-4 p-4 md:p-6">
      <h1>Studies</h1>
      {jobs.isError && <ErrorNote error={jobs.error} retry={() => void jobs.refetch()} />}
      {items === undefined ? (
        !jobs.isError && <StudiesSkeleton />
      ) : items.length === 0 ? (
        <FirstSearch />
      ) : (
        <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(20rem,100%),1fr))] gap-3">
          {items.map((job) => (
            <StudyCard key={job.id} job={job} />
          ))}
        </ul>
      )}
      {jobs.data?.next_cursor != null && (
        <p className="text-[12px] text-muted">These are the newest 200 studies. Search (Ctrl K) finds the others.</p>
      )}
    </div>
  );
}

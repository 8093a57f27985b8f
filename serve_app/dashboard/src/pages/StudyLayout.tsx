import { lazy, Suspense, useEffect } from "react";
import { Route, Switch, useLocation } from "wouter";
import { ApiError } from "../api/client";
import { useJob } from "../api/useJob";
import { openStudy } from "../live/feed";
import { useIsDeleted } from "../live/store";
import { Boundary } from "../parts/Boundary";
import { Empty } from "../parts/Empty";
import { PageSkeleton } from "../parts/Skeleton";
import { LoadNote } from "./study/LoadNote";
import { StudyHead } from "./study/StudyHead";

const LivePage = lazy(() => import("./live/LivePage"));
const TrialsPage = lazy(() => import("./trials/TrialsPage"));
const NetworkPage = lazy(() => import("./network/NetworkPage"));
const LogPage = lazy(() => import("./log/LogPage"));

/** The head of a study, its tabs, and the page of the chosen one. */
export default function StudyLayout({ id }: { id: string }) {
  const [path] = useLocation();
  const job = useJob(id);
  const deleted = useIsDeleted(id);
  useEffect(() => openStudy(id), [id]);
  useEffect(() => {
    document.title = `${id} · Tuner`;
    return () => {
      document.title = "Tuner";
    };
  }, [id]);
  if (deleted) {
    return (
      <Empty title="This study was deleted" text={`There is no study ${id} any more.`} href="/" action="All studies" />
    );
  }
  if (job.error instanceof ApiError && job.error.status === 404) {
    return <Empty title="There is no such study" text={job.error.detail} href="/" action="All studies" />;
  }
  return (
    <div className="flex min-w-0 flex-col">
      <StudyHead id={id} job={job} />
      <div className="min-w-0 p-4 md:p-6">
        <LoadNote id={id} />
        <Boundary key={path} title="This page">
          <Suspense fallback={<PageSkeleton />}>
            <Switch>
              <Route path="/s/:id">
                <LivePage id={id} />
              </Route>
              <Route path="/s/:id/trials">
                <TrialsPage id={id} />
              </Route>
              <Route path="/s/:id/network">
                <NetworkPage id={id} />
              </Route>
              <Route path="/s/:id/log">
                <LogPage id={id} />
              </Route>
              <Route>
                <Empty
                  title="There is no such page"
                  text="The address may be mistyped."
                  href={`/s/${encodeURIComponent(id)}`}
                  action="Open the study"
                />
              </Route>
            </Switch>
          </Suspense>
        </Boundary>
      </div>
    </div>
  );
}

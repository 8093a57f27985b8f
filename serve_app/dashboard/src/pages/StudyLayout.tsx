import { lazy, Suspense, useEffect } from "react";
import { Route, Switch, useLocation } from "wouter";
import { ApiError } from "../api/client";
import { useJob } from "../api/useJob";
import { openStudy } from "../live/feed";
import { useIsDeleted } from "../live/store";
import { Boundary } from "../parts/Boundary";
import { Empty } from "../parts/Empty";
import { LateSkeleton } from "../parts/Skeleton";
import { LoadNote } from "./study/LoadNote";
import { StudyHead } from "./study/StudyHead";

const LOADERS = {
  live: () => import("./live/LivePage"),
  trials: () => import("./trials/TrialsPage"),
  network: () => import("./network/NetworkPage"),
  analysis: () => import("./analysis/AnalysisPage"),
  compare: () => import("./compare/CompareTrialsPage"),
  try: () => import("./try/TryPage"),
  log: () => import("./log/LogPage"),
};
const LivePage = lazy(LOADERS.live);
const TrialsPage = lazy(LOADERS.trials);
const NetworkPage = lazy(LOADERS.network);
const AnalysisPage = lazy(LOADERS.analysis);
const CompareTrialsPage = lazy(LOADERS.compare);
const TryPage = lazy(LOADERS.try);
const LogPage = lazy(LOADERS.log);

/** Loads the code of the page that an address shows, while the study is asked for. */
function preload(path: string): void {
  const name = path.split("/")[3] ?? "live";
  if (name in LOADERS) void LOADERS[name as keyof typeof LOADERS]().catch(() => {}); // the page itself says so
}

/** The head of a study, its tabs, and the page of the chosen one. */
export default function StudyLayout({ id }: { id: string }) {
  const [path] = useLocation();
  const job = useJob(id);
  const deleted = useIsDeleted(id);
  useEffect(() => openStudy(id), [id]);
  useEffect(() => preload(path), [path]);
  useEffect(() => {
    document.title = `${id} · Tuner`;
    return () => {
      document.title = "Tuner";
    };
  }, [id]);
  if (deleted) {
    return (
      <Empty
        page
        title="This study was deleted"
        text={`There is no study ${id} any more.`}
        href="/"
        action="All studies"
      />
    );
  }
  if (job.error instanceof ApiError && job.error.status === 404) {
    return <Empty page title="There is no such study" text={job.error.detail} href="/" action="All studies" />;
  }
  return (
    <div className="flex min-w-0 flex-col">
      <StudyHead id={id} job={job} />
      <div className="min-w-0 p-4 md:p-6">
        <LoadNote id={id} />
        {/* Nothing stands below the head before its height is known: what has stood still does not move. */}
        {job.isPending ? (
          <LateSkeleton />
        ) : (
          <Boundary key={path} title="This page">
            <Suspense fallback={<LateSkeleton />}>
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
                <Route path="/s/:id/analysis">
                  <AnalysisPage id={id} />
                </Route>
                <Route path="/s/:id/compare">
                  <CompareTrialsPage id={id} />
                </Route>
                <Route path="/s/:id/try">
                  <TryPage id={id} />
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
        )}
      </div>
    </div>
  );
}

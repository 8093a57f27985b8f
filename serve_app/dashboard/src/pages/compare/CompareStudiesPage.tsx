import { useMemo } from "react";
import { ApiError } from "../../api/client";
import { useStudies } from "../../api/useStudies";
import { STUDY_GROUPS, studyRows, studySentences } from "../../model/compare/studies";
import { listed } from "../../model/sentence";
import { Boundary, Empty, ErrorNote, Loading, Panel } from "../../parts";
import { useParam } from "../../state/url";
import { Words } from "../live/Words";
import { BestSoFar } from "./BestSoFar";
import { STUDIES } from "./choice";
import { SideBySide } from "./SideBySide";
import { StudyChips } from "./StudyChips";

/** Two to four studies side by side: which one found the better network, how fast, and with which other settings. */
export default function CompareStudiesPage() {
  const [names] = useParam("s", STUDIES);
  const { answers, errors, isPending, refetch } = useStudies(names);
  const studies = useMemo(() => answers.flatMap((study) => study ?? []), [answers]);
  const missing = names.filter((_, place) => isMissing(errors[place]));
  const fault = errors.find((error) => error !== null && !isMissing(error)) ?? null;
  return (
    <div data-page="compare-studies" className="mx-auto flex max-w-7xl min-w-0 flex-col gap-3 p-4 md:p-6">
      <h1>Compare studies</h1>
      <StudyChips names={names} />
      {missing.length > 0 && (
        <p role="status" className="rounded-button bg-warn-soft px-3 py-2 text-warn">
          There is no study {listed(missing)}.
        </p>
      )}
      {fault !== null && <ErrorNote error={fault} retry={refetch} />}
      {names.length < 2 ? (
        <Empty
          title={names.length === 0 ? "No study is chosen" : "One study is chosen"}
          text="Choose two to four studies above, or in the history."
          href="/history"
          action="Open the history"
        />
      ) : isPending ? (
        <Loading lines={6} />
      ) : studies.length === 0 ? null : (
        <Boundary title="The comparison">
          <Panels studies={studies} />
        </Boundary>
      )}
    </div>
  );
}

function Panels({ studies }: { studies: NonNullable<ReturnType<typeof useStudies>["answers"][number]>[] }) {
  const rows = useMemo(() => studyRows(studies), [studies]);
  const names = studies.map((study) => study.id);
  return (
    <>
      <Panel title="Result" question="Which study found the better network?">
        {studySentences(studies).map((sentence, place) => (
          <span key={place}>
            <Words of={sentence} />{" "}
          </span>
        ))}
      </Panel>
      <BestSoFar studies={studies} />
      <SideBySide
        title="Side by side"
        question="Which results and settings differ?"
        heads={names}
        rows={rows}
        groups={STUDY_GROUPS}
        file={`studies-${names.join("-")}`}
      />
    </>
  );
}

function isMissing(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

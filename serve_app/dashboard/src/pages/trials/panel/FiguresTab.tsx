import { useEffect, useState } from "react";
import { figureAddress, useFigurePicture, useTrialFigures } from "../../../api/useTrialFigures";
import { useLiveStudyPart } from "../../../live/store";
import { asSentence, capital } from "../../../model/sentence";
import { reducedMotion } from "../../../network/reducedMotion";
import { Button, buttonClass, ErrorNote, Loading, Panel, type PanelState, panelState, Select } from "../../../parts";
import { codecs, useParam } from "../../../state/url";
import type { PanelTrial } from "./usePanelTrial";

const FIGURE = codecs.text();

interface Figure {
  name: string;
  title: string;
  shows: string;
  formats: readonly string[];
}

/** The figures of a trial, one at a time: each is drawn on demand, which takes the server some seconds. */
export function FiguresTab({ of }: { of: PanelTrial }) {
  const { id, number, trial } = of;
  const mark = `${trial?.status ?? ""}${trial !== null && trial.epochs_trained > 0 ? " epochs" : ""}`;
  const query = useTrialFigures(id, number, mark);
  const isBest = useLiveStudyPart(id, (study) => study.best_trial_number === number) ?? false;
  const [name, setName] = useParam("figure", FIGURE);
  const figures: readonly Figure[] = query.data ?? [];
  const figure = figures.find((one) => one.name === name) ?? figures[0];
  return (
    <Panel
      title="Figures"
      question={figure === undefined ? undefined : asSentence(capital(figure.shows))}
      state={stateOf(query, figures, trial?.status)}
      actions={
        figure !== undefined && (
          <Select
            aria-label="Figure"
            className="max-w-64"
            value={figure.name}
            options={figures.map((one) => ({ value: one.name, label: one.title }))}
            onChange={(next) => setName(next)}
          />
        )
      }
    >
      {figure !== undefined && (
        <Picture key={`${figure.name} ${mark}`} id={id} number={number} figure={figure} mark={mark} />
      )}
      {figures.length > 0 && !isBest && (
        <p className="mt-3 text-[12px] text-muted">
          Figures on test data are drawn for the best trial only: the test data are used once, at the end.
        </p>
      )}
    </Panel>
  );
}

function stateOf(
  query: ReturnType<typeof useTrialFigures>,
  figures: readonly Figure[],
  status: string | undefined,
): PanelState | undefined {
  if (!query.isSuccess || figures.length > 0) return panelState(query);
  const text =
    status === "running" ? "Its first epoch has not ended yet." : "It did not finish an epoch, so it has no figures.";
  return { kind: "empty", text };
}

interface PictureProps {
  id: string;
  number: number;
  figure: Figure;
  mark: string;
}

function Picture(props: PictureProps) {
  const { figure } = props;
  const moves = figure.formats[0] === "gif";
  const [plays, setPlays] = useState(() => !moves || !reducedMotion());
  return plays ? (
    <Drawn {...props} />
  ) : (
    <div className="flex flex-col items-start gap-2">
      <p className="text-muted">Your system asks for less motion, so this film does not start by itself.</p>
      <Button size="small" onClick={() => setPlays(true)}>
        Play the film
      </Button>
    </div>
  );
}

function Drawn({ id, number, figure, mark }: PictureProps) {
  const [format = "png"] = figure.formats;
  const query = useFigurePicture(figureAddress(id, number, figure.name, format), mark);
  const address = useAddress(query.data);
  if (query.isError) return <ErrorNote error={query.error} retry={() => void query.refetch()} />;
  if (address === null) {
    return (
      <>
        <p className="mb-2 text-[12px] text-muted">The server draws it now. That takes some seconds.</p>
        <Loading lines={6} />
      </>
    );
  }
  return (
    <>
      <img
        src={address}
        alt={`${figure.title} of trial ${number}: ${figure.shows}`}
        // Figures are drawn for paper: dark on white, in both themes.
        className="h-auto w-full rounded-button bg-white"
      />
      <p className="mt-2 flex flex-wrap gap-2">
        {figure.formats.map((one) => (
          <a
            key={one}
            href={figureAddress(id, number, figure.name, one)}
            download={`${id}-trial-${number}-${figure.name}.${one}`}
            className={buttonClass("plain", "small")}
          >
            {one.toUpperCase()}
          </a>
        ))}
      </p>
    </>
  );
}

/** The address of a picture that the page holds; given back when the picture goes. */
function useAddress(picture: Blob | undefined): string | null {
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    if (picture === undefined) return;
    const made = URL.createObjectURL(picture);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [picture]);
  return address;
}

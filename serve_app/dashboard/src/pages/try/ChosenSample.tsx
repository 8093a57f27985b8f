import type { TryInput } from "../../api/usePredict";
import { useSamples } from "../../api/useSamples";
import { ErrorNote, Loading } from "../../parts";
import { squares } from "../data/SampleGrid";

/** The sample that the address names, large. It may be on another page of the list. */
export function ChosenSample({ study, input }: { study: string; input: TryInput | null }) {
  const named = input !== null && "split" in input ? input : null;
  const query = useSamples(
    { study },
    { split: named?.split ?? "validation", offset: named?.index ?? 0, limit: 1 },
    named !== null,
  );
  if (named === null) return <p className="py-4 text-muted">No sample is chosen yet. Choose one below.</p>;
  if (query.isError) return <ErrorNote error={query.error} retry={() => void query.refetch()} />;
  if (query.data === undefined) return <Loading lines={3} />;
  const sample = query.data.samples[0];
  if (sample === undefined)
    return (
      <p className="py-4 text-muted">
        The {named.split} data have no sample {named.index}.
      </p>
    );
  return (
    <figure className="flex flex-col gap-2">
      {sample.image !== null && (
        <img
          src={sample.image}
          alt={`Sample ${sample.index} of the ${named.split} data`}
          onLoad={squares}
          className="size-48 rounded-button border border-line bg-sunken object-contain"
        />
      )}
      {sample.text !== null && (
        <blockquote className="max-h-60 overflow-y-auto break-words whitespace-pre-wrap">{sample.text}</blockquote>
      )}
      <figcaption className="text-[12px] text-muted">
        Sample {sample.index} of the {named.split} data. The data say {sample.label}.
      </figcaption>
    </figure>
  );
}

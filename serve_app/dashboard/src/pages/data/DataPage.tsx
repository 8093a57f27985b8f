import { useEffect } from "react";
import { codecs, useParam } from "../../state/url";
import { DatasetDetails } from "./DatasetDetails";
import { DatasetList } from "./DatasetList";

const TEXT = codecs.text();

/** `/data`: all data sets and the upload of one; with `?dataset=NAME` one of them with its classes and samples. */
export default function DataPage() {
  const [name] = useParam("dataset", TEXT);
  useEffect(() => {
    document.title = name === "" ? "Data · Tuner" : `${name} · Tuner`;
    return () => {
      document.title = "Tuner";
    };
  }, [name]);
  return (
    <div data-page="data" className="mx-auto flex w-full max-w-6xl flex-col gap-4 p-4 md:p-6">
      {name === "" ? <DatasetList /> : <DatasetDetails key={name} name={name} />}
    </div>
  );
}

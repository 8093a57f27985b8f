import type { LayerBox } from "../../network/types";
import { type EpochOfLayers, type Fact, layerEpochs, layerFacts } from "./facts";

/** The selected layer in numbers, and its measurements epoch by epoch. */
export function LayerDetails(props: { layer: LayerBox; epochs: readonly EpochOfLayers[]; measuresHealth: boolean }) {
  const { layer, epochs, measuresHealth } = props;
  const measured = measuresHealth ? layerEpochs(epochs, layer.layer_id ?? "") : [];
  return (
    <div className="flex flex-col gap-3">
      <Facts facts={layerFacts(layer, measuresHealth)} />
      {measured.length > 0 && (
        <section
          className="max-h-56 overflow-auto"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be reachable by keyboard
          tabIndex={0}
          aria-label="Measurements of the layer by epoch"
        >
          <table className="w-full text-right text-[12px]">
            <thead className="text-muted">
              <tr>
                {["Epoch", "Dead", "Saturated", "Gradient", "Update"].map((name) => (
                  <th key={name} scope="col" className="px-1 py-0.5 font-medium">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {measured.map(({ epoch, dead, saturated, gradient, update }) => (
                <tr key={epoch} className="border-t border-line">
                  <th scope="row" className="px-1 py-0.5 font-normal">
                    {epoch}
                  </th>
                  <td className="px-1">{dead}</td>
                  <td className="px-1">{saturated}</td>
                  <td className="px-1">{gradient}</td>
                  <td className="px-1">{update}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </div>
  );
}

export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted">{name}</dt>
          <dd className="min-w-0 text-right break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

"""The table and the plot of `bench_results`, from its records alone."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.accuracy.cells import DATA, METHODS, Record, cell_of, is_late
from tests.benchmarks.accuracy.verdicts import verdicts

NAMES = {
    "tuner": "tuner",
    "baseline": "baseline",
    "keras_tuner": "KerasTuner Hyperband",
    "optuna": "Optuna TPE",
    "engineer": "good engineer",
}
METS = {True: "yes", False: "**no**", None: "open"}


def markdown(records: Sequence[Record]) -> str:
    """The page: medians by data set and minutes, every goal, and the machines."""
    header = ["data", "minutes", *(NAMES[method] for method in METHODS), "tuner saved its model after"]
    lines = [_row(header), _row(["---"] * len(header))]
    for minutes in sorted({record["minutes"] for record in records}):
        for data in DATA:
            of_row = [record for record in records if (record["data"], record["minutes"]) == (data, minutes)]
            if not of_row:
                continue
            saved = [record["saved_s"] for record in of_row if record["method"] == "tuner"]
            shown = [_accuracies([one for one in of_row if one["method"] == method]) for method in METHODS]
            lines.append(_row([data, f"{minutes:g}", *shown, f"{max(saved):.0f} s" if saved else "—"]))
    goals = [_row(["goal at 3 minutes", "met", "figures"]), _row(["---"] * 3)]
    goals += [_row([one.goal, METS[one.met], one.evidence]) for one in verdicts(records)]
    return "\n".join(
        [
            "# Accuracy within minutes",
            "",
            "Test accuracy of the saved model: the median of the seeds, in brackets the lowest and the highest one.",
            "The time runs from the command to the saved model. All figures are in `results.jsonl`, which",
            "`bench_results.py` wrote. A model that was saved late counts for no goal.",
            "",
            *lines,
            "",
            *goals,
            "",
            f"{len(records)} cells, measured on: {'; '.join(_machines(records))}. Saved late: {_late(records)}.",
            "",
        ]
    )


def plot(records: Sequence[Record], file: Path) -> None:
    """Draw a panel for each data set: test accuracy over minutes, a point for each seed, a line through the medians."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(2, 3, figsize=(12, 7), layout="constrained")
    for data, panel in zip(DATA, panels.flat, strict=True):
        for place, method in enumerate(METHODS):
            points = [
                (record["minutes"], record["test_accuracy"])
                for record in records
                if (record["data"], record["method"]) == (data, method)
            ]
            minutes = sorted({minute for minute, _ in points})
            medians = [statistics.median(value for at, value in points if at == minute) for minute in minutes]
            shift = 1 + 0.04 * (place - len(METHODS) // 2)  # so that points do not hide each other
            panel.scatter([at * shift for at, _ in points], [value for _, value in points], s=14, color=f"C{place}")
            panel.plot([at * shift for at in minutes], medians, "o-", color=f"C{place}", label=NAMES[method], alpha=0.7)
        panel.set(title=data, xscale="log", xlabel="minutes", ylabel="test accuracy")
        ticks = sorted({record["minutes"] for record in records})
        panel.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        panel.minorticks_off()
    figure.legend(*panels.flat[0].get_legend_handles_labels(), loc="outside lower center", ncols=len(METHODS))
    figure.savefig(file, dpi=110)
    plt.close(figure)


def _row(values: Sequence[str]) -> str:
    return f"| {' | '.join(values)} |"


def _accuracies(records: Sequence[Record]) -> str:
    values = [record["test_accuracy"] for record in records]
    if not values:
        return "—"
    spread = f" ({min(values):.3f} to {max(values):.3f})" if len(values) > 1 else ""
    return f"{statistics.median(values):.3f}{spread}"


def _late(records: Sequence[Record]) -> str:
    late = [record for record in records if is_late(record)]
    return "; ".join(f"{cell_of(record)} ({record['saved_s']:.0f} s)" for record in late) or "none"


def _machines(records: Sequence[Record]) -> list[str]:
    return sorted({f"{one['machine']['cores']} cores ({one['machine']['processor']})" for one in records})

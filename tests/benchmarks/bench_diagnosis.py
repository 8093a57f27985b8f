"""How many sick trainings the diagnosis finds, and how many well ones it calls sick.

A generated suite (`tests/training/sick.py`): small dense, convolutional and recurrent networks over activations,
optimizers, depths and widths, well or sick in one of seven ways. Thresholds were set on seeds below 14 alone; those
measured here are others. Beside it what AutoTrainer (Zhang et al., ICSE 2021) reports of its own suite of 701 models:
all problems found, no false alarm.

- found: share of the sick trainings that had a finding that fits.
- false: share of the well trainings that had any finding (but `no_more_gain`, which a well training may come to).
- a network that is too large shows in its parameter_efficiency, below LARGE.

    python tests/benchmarks/bench_diagnosis.py [--seeds 28] [--processes 2]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.training.sick import SHOWS, WAYS, Way, sick
from tuner.contract import HealthWeights
from tuner.events import FindingName, HealthMetrics, TrialComplete

RESULTS = Path(__file__).parent / "results" / "diagnosis.json"
FIRST_SEED = 100
WELL = 4
"""Well trainings for each sick one of a way: false alarms are to be rare."""

GOALS = {"found": 0.98, "false": 0.01}
LARGE = 0.7


@dataclass(frozen=True)
class Outcome:
    """What one training came to."""

    way: Way
    seed: int
    findings: frozenset[FindingName]
    health: HealthMetrics | None
    """None: it diverged before its first epoch ended."""

    @property
    def found(self) -> bool:
        """Whether its sickness was found; of a well one, whether something was found."""
        if self.way == "huge":
            return self.health is not None and self.health.parameter_efficiency < LARGE
        if self.way == "well":
            return bool(self.findings - {"no_more_gain"})
        return bool(self.findings & SHOWS[self.way])


def train(way: Way, seed: int) -> Outcome:
    """One training of the suite, from its start to its end."""
    from tuner.training import run_trial

    *_, end = run_trial(*sick(way, seed))
    assert isinstance(end, TrialComplete)
    assert end.status != "failed", end.error
    return Outcome(way, seed, frozenset(finding.name for finding in end.findings), end.health_metrics)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=28, help="trainings of each way; four times as many well ones")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    counts = {way: arguments.seeds * (WELL if way == "well" else 1) for way in WAYS}
    jobs = [(way, FIRST_SEED + index) for way, count in counts.items() for index in range(count)]
    with ProcessPoolExecutor(arguments.processes) as pool:
        outcomes = list(pool.map(train, *zip(*jobs, strict=True)))
    report(outcomes)


def report(outcomes: list[Outcome]) -> None:
    by_way: dict[Way, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_way[outcome.way].append(outcome)
    print(
        f"\n{'way':18}{'trainings':>10}{'found':>8}  "
        + "".join(f"{name[:15]:>17}" for name in HealthWeights.model_fields)
    )
    rows = {}
    for way, of_way in by_way.items():
        known = [outcome.health for outcome in of_way if outcome.health is not None]
        metrics = {
            name: statistics.median(getattr(health, name) for health in known) if known else None
            for name in HealthWeights.model_fields
        }
        findings = Counter(name for outcome in of_way for name in outcome.findings)
        missed = [outcome.seed for outcome in of_way if not outcome.found]
        rows[way] = {
            "trainings": len(of_way),
            "found": sum(outcome.found for outcome in of_way),
            ("well" if way == "well" else "missed") + "_seeds": missed,
            "findings": dict(findings.most_common()),
            "median_metrics": metrics,
        }
        shown = "".join(f"{'-' if value is None else format(value, '.2f'):>17}" for value in metrics.values())
        print(f"{way:18}{len(of_way):10}{rows[way]['found']:8}  {shown}")
    sick_ones = [outcome for outcome in outcomes if outcome.way != "well"]
    found = statistics.mean(outcome.found for outcome in sick_ones)
    false = statistics.mean(outcome.found for outcome in by_way["well"])
    print(f"\nfound {found:.1%} of {len(sick_ones)} sick trainings (goal {GOALS['found']:.0%}), ", end="")
    print(f"false alarms in {false:.1%} of {len(by_way['well'])} well ones (goal {GOALS['false']:.0%})")
    document = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"processor": platform.machine(), "cores": os.cpu_count(), "system": platform.system()},
        "first_seed": FIRST_SEED,
        "goals": GOALS,
        "found": found,
        "false": false,
        "published": {"AutoTrainer": {"models": 701, "found": 1.0, "false": 0.0}},
        "by_way": rows,
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main()

"""Measures how many faulty trainings the diagnosis finds, and how many sound ones it reports by mistake.

`tests/training/sick.py` generates small dense, convolutional and recurrent networks over activations, optimizers,
depths and widths, either sound or with one of seven faults. Thresholds and suite were tuned on seeds below
DEVELOPMENT only: two faults (`saturated`, `few`) were made stronger where the rules missed them, since only clear
cases count, and the learning rates of sound trainings became Keras's defaults, since higher ones did kill units. The
measured seeds are others. AutoTrainer (Zhang et al., ICSE 2021) reports all faults found and no false alarm on its
own suite of 701 models.

- found: share of the faulty trainings with a finding that fits.
- false: share of the sound trainings with any finding except `no_more_gain`, which is normal.
- confirmed: share of these false alarms (all of dead units so far) that a second count in plain NumPy over all
  validation samples confirms: units can die by chance. The goal applies to `false`, not to this share.
- a network that is too large shows in its parameter_efficiency, below LARGE.

    python tests/benchmarks/bench_diagnosis.py [--seeds 28] [--first-seed 300] [--processes 2]
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
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.training.sick import SHOWS, WAYS, Way, sick
from tuner.data import Data
from tuner.events import EpochProgress, FindingName, HealthMetrics, TrialComplete
from tuner.health.diagnosis import MANY_DEAD
from tuner.spec_parts import HealthWeights
from tuner.training import TrainingState
from tuner.trial_spec import TrialSpec

RESULTS = Path(__file__).parent / "results" / "diagnosis.json"
DEVELOPMENT = 14
"""From this seed on results are written."""
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
    confirmed: frozenset[FindingName]
    """Findings that a count over all validation samples bears out."""

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

    trial, data = sick(way, seed)
    confirmed: set[FindingName] = set()
    for event in run_trial(trial, data):
        if isinstance(event, EpochProgress) and any(finding.name == "dying_units" for finding in event.findings):
            assert event.snapshot is not None
            if way == "well" and dead_by_count(trial, data, event.snapshot()) >= MANY_DEAD:
                confirmed.add("dying_units")
        end = event
    assert isinstance(end, TrialComplete)
    assert end.status != "failed", end.error
    names = frozenset(finding.name for finding in end.findings)
    return Outcome(way, seed, names, end.health_metrics, frozenset(confirmed))


def dead_by_count(trial: TrialSpec, data: Data, state: TrainingState) -> float:
    """Largest share of a layer's units whose answers to all validation samples are the same, to a millionth."""
    from tuner import models

    network = models.build(trial, data.input, data.classes)
    own = network.variables  # the optimizer's follow
    for variable, value in zip(own, state.variables[: len(own)], strict=True):
        variable.assign(value)
    opened, _ = models.with_hidden_outputs(network)
    x = data.validation.x if data.validation.x.ndim == 4 else data.validation.x[..., None]
    *answers, _ = opened.predict(x, verbose=0)
    return max(float(np.mean(np.ptp(one.reshape(-1, one.shape[-1]), axis=0) < 1e-6)) for one in answers)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=28, help="trainings of each way; four times as many well ones")
    parser.add_argument("--first-seed", type=int, default=300, help="100 to 211 were measured with higher rates")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    counts = {way: arguments.seeds * (WELL if way == "well" else 1) for way in WAYS}
    jobs = [(way, arguments.first_seed + index) for way, count in counts.items() for index in range(count)]
    with ProcessPoolExecutor(arguments.processes) as pool:
        outcomes = list(pool.map(train, *zip(*jobs, strict=True)))
    document = report(outcomes)
    if arguments.first_seed >= DEVELOPMENT:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps({"first_seed": arguments.first_seed, **document}, indent=2) + "\n")


def report(outcomes: list[Outcome]) -> dict[str, Any]:
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
        odd = [outcome.seed for outcome in of_way if outcome.found == (way == "well")]
        rows[way] = {
            "trainings": len(of_way),
            "found": sum(outcome.found for outcome in of_way),
            "seeds_in_question": odd,
            "findings": dict(findings.most_common()),
            "median_metrics": metrics,
        }
        shown = "".join(f"{'-' if value is None else format(value, '.2f'):>17}" for value in metrics.values())
        print(f"{way:18}{len(of_way):10}{rows[way]['found']:8}  {shown}")
    sick_ones = [outcome for outcome in outcomes if outcome.way != "well"]
    found = statistics.mean(outcome.found for outcome in sick_ones)
    well = by_way["well"]
    false = statistics.mean(outcome.found for outcome in well)
    confirmed = sum(outcome.found and not outcome.findings - {"no_more_gain"} - outcome.confirmed for outcome in well)
    print(f"\nfound {found:.1%} of {len(sick_ones)} sick trainings (goal {GOALS['found']:.0%}); ", end="")
    print(f"false alarms in {false:.1%} of {len(well)} meant to be well (goal {GOALS['false']:.0%}), ", end="")
    print(f"{confirmed} of which a second count bears out")
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"processor": platform.machine(), "cores": os.cpu_count(), "system": platform.system()},
        "goals": GOALS,
        "found": found,
        "false": false,
        "false_but_confirmed": confirmed,
        "published": {"AutoTrainer": {"models": 701, "found": 1.0, "false": 0.0}},
        "by_way": rows,
    }


if __name__ == "__main__":
    main()

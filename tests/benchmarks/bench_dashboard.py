"""Measures the dashboard in Debian's Chromium over a real server on loopback. Run it alone on the machine.

Goals: the largest paint within 2 s; 95 % of events on the page within 300 ms of their time stamp; a filter over 10,000
trials within 100 ms; a move of a slider of "What if" within 150 ms; no task above 200 ms while 100 events a second
arrive, also on the page of 10,000 trials, nor as their analysis follows a filter; an hour of events grows the page's
memory by less than 30 MB. Each number is the median of the repeats. Chromium draws 3D without a graphics card here.

    make bench-dashboard                    writes tests/benchmarks/results/dashboard.md
"""

from __future__ import annotations

import argparse
import math
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parent))

import serving
from playwright.sync_api import Browser

from tests.serve_app.dashboard import browser, sample_studies
from tests.serve_app.dashboard.browser import Tab
from tests.serve_app.dashboard.sample_studies import COMPLETED, MANY, RUNNING, TRIALS, SampleStudy
from tests.serve_app.dashboard.sample_trials import EPOCHS
from tests.serve_app.dashboard.server import House, house

GOALS = {
    "largest paint of /, ms": 2000.0,
    "largest paint of a study, ms": 2000.0,
    "batch to pixel, 95 %, ms": 300.0,
    "event to pixel, 95 %, ms": 300.0,
    "filter over 10,000 trials, ms": 100.0,
    "a move in What if, ms": 150.0,
    "longest task with 100 events a second, ms": 200.0,
    "longest task of 10,000 trials with 100 events a second, ms": 200.0,
    "longest task of the analysis of 10,000 trials, ms": 200.0,
    "memory after an hour of events, MB": 30.0,
}
SEEN = """
window.__seen = {};
const look = () => {
  for (const row of document.querySelectorAll("[data-worker]")) {
    const text = row.dataset.worker + " " + row.innerText;
    window.__seen[text] ??= Date.now();
  }
  requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""
"""Notes when each text of a row of the running trials is first on the page. A frame later it is on the screen."""
FRAME_MS = 17.0
FILTER = """async () => {
  const says = () => document.querySelector("[data-page=trials] p[aria-live]").textContent;
  const chips = [...document.querySelectorAll("button[aria-pressed]")];
  const chip = chips.find((one) => /^Stopped early/.test(one.innerText));
  const before = says();
  const begun = performance.now();
  chip.click();
  while (says() === before) await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  return performance.now() - begun;
}"""
MOVES = 9
MOVE = """async (slider) => {
  const numbers = document.querySelector("dl[data-what-if]");
  const before = numbers.innerText;
  const begun = performance.now();
  const write = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
  write.call(slider, String(Number(slider.value) - 14));
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  while (numbers.dataset.whatIf !== "current" || numbers.innerText === before) {
    await new Promise(requestAnimationFrame);
  }
  return performance.now() - begun;
}"""
"""Moves a slider, and returns the milliseconds until the network, its size, memory and time are drawn again."""
HOUR_EVENTS = 3_600
"""Durable events of an hour: four workers whose epochs take 4 s each."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    if (reason := browser.why_not()) is not None:
        raise SystemExit(reason)
    with _opened() as (home, studies, address):
        found: dict[str, list[float]] = {name: [] for name in GOALS}
        for repeat in range(options.repeats):
            with browser.chromium("--enable-precise-memory-info") as chromium:
                for name, value in _measured(home, studies, address, chromium, repeat):
                    found[name].append(value)
                    print(f"{name}: {_text(value)}")
    _write({name: statistics.median(values) for name, values in found.items()}, found)


@contextmanager
def _opened() -> Iterator[tuple[House, dict[str, SampleStudy], str]]:
    with tempfile.TemporaryDirectory() as folder, house(Path(folder) / "results") as home:
        studies = sample_studies.fill(home.store, home.results, home.boards, many=True)
        with home.serving() as server:
            yield home, studies, server.address


def _measured(
    home: House, studies: dict[str, SampleStudy], address: str, chromium: Browser, repeat: int
) -> Iterator[tuple[str, float]]:
    yield "largest paint of /, ms", _paint(chromium, address, "/")
    yield "largest paint of a study, ms", _paint(chromium, address, f"/s/{RUNNING}")
    batches, events = _ages(chromium, address, home.study(f"ages-{repeat}", dataset="digits", trials=100))
    yield "batch to pixel, 95 %, ms", _late(batches)
    yield "event to pixel, 95 %, ms", _late(events)
    yield "filter over 10,000 trials, ms", _filter(chromium, address)
    yield "a move in What if, ms", _what_if(chromium, address)
    yield "longest task of the analysis of 10,000 trials, ms", _analysis(chromium, address)
    busy = home.study(f"busy-{repeat}", dataset="digits", trials=1000)
    busy.begin()
    busy.train(1)
    tab = Tab(chromium, address)
    tab.go(f"/s/{busy.name}", "live")
    tab.settled()
    yield "longest task with 100 events a second, ms", _longest_task(tab, busy, 2)
    tab, first = _all_trials(chromium, address), TRIALS + 2 + 1_000 * repeat
    yield "longest task of 10,000 trials with 100 events a second, ms", _longest_task(tab, studies[MANY], first)
    yield (
        "memory after an hour of events, MB",
        _memory(chromium, address, home.study(f"hour-{repeat}", dataset="digits", trials=1000)),
    )


def _paint(chromium: Browser, address: str, path: str) -> float:
    tab = Tab(chromium, address)
    tab.go(path)
    tab.settled()
    tab.page.wait_for_timeout(1000)
    paint: float = tab.measured()["paint"]
    tab.close()
    return paint


def _ages(chromium: Browser, address: str, study: SampleStudy) -> tuple[list[float], list[float]]:
    """Milliseconds from the time stamps of batches and of epochs to the screen."""
    study.begin()
    study.train(1)
    study.train_to(2, 0)
    tab = Tab(chromium, address)
    tab.context.add_init_script(SEEN)
    tab.go(f"/s/{study.name}", "live")
    tab.page.locator("[data-worker='2']").wait_for()
    told: dict[tuple[str, int], float] = {}
    for epoch in range(1, EPOCHS + 1):
        for batch in range(4, 41, 4):
            told[f"batch {batch} of 40", epoch] = time.time() * 1000
            study.batch(2, epoch, batch)
            tab.page.wait_for_timeout(137)
        if epoch < EPOCHS:  # the row shows the next epoch; after the last one there is none
            told["epoch", epoch] = time.time() * 1000
        study.append(study.trial(2).epoch(epoch, study.clock))
        tab.page.wait_for_timeout(400)
    seen: dict[str, float] = tab.page.evaluate("window.__seen")
    tab.close()
    batches, events = [], []
    for (what, epoch), at in told.items():
        words = (what, f"Epoch {epoch} of") if what != "epoch" else (f"Epoch {epoch + 1} of",)
        found = [moment for text, moment in seen.items() if all(word in text for word in words) and moment >= at]
        if what == "epoch":
            events.append(min(found, default=math.inf) - at + FRAME_MS)
        elif found:  # a batch may be replaced by the next one before a frame shows it
            batches.append(min(found) - at + FRAME_MS)
    return batches, events


def _late(ages: list[float]) -> float:
    """The age that 95 % do not exceed; infinite if more than 5 % were never shown, or if none was."""
    return sorted(ages)[math.ceil(0.95 * len(ages)) - 1] if ages else math.inf


def _all_trials(chromium: Browser, address: str) -> Tab:
    """The page of 10,000 trials, once all are loaded."""
    tab = Tab(chromium, address)
    tab.go(f"/s/{MANY}/trials", "trials")
    tab.until(
        lambda: "loading" not in tab.text() and re.search(r"\b1\d,\d{3} trials", tab.text()), "all trials are loaded"
    )
    return tab


def _filter(chromium: Browser, address: str) -> float:
    tab = _all_trials(chromium, address)
    tab.page.wait_for_timeout(1000)
    took = statistics.median(float(tab.page.evaluate(FILTER)) for _ in range(5))
    tab.close()
    return took


def _what_if(chromium: Browser, address: str) -> float:
    tab = Tab(chromium, address)
    tab.go(f"/s/{COMPLETED}/network?trial=1&drawing=svg&what-if=1", "network")
    filters = tab.page.locator("[data-parameter=filters_1] input")
    filters.press("End")
    tab.page.locator("dl[data-what-if=current]").wait_for()
    took = statistics.median(float(filters.evaluate(MOVE)) for _ in range(MOVES))
    tab.close()
    return took


def _analysis(chromium: Browser, address: str) -> float:
    """Milliseconds of the longest task as the figures follow a range of the parallel coordinates."""
    tab = Tab(chromium, address)
    tab.go(f"/s/{MANY}/analysis", "analysis")
    tab.page.locator("[data-selected]").wait_for()
    tab.settled("analysis")
    tab.page.wait_for_timeout(1000)
    before = len(tab.measured()["tasks"])
    tab.panel("parallel-coordinates").get_by_role("application").focus()
    for _ in range(3):
        tab.page.keyboard.press("ArrowUp")
        tab.page.wait_for_timeout(1500)
    tasks = [duration for _, duration in tab.measured()["tasks"][before:]]
    tab.close()
    return max(tasks, default=0.0)


def _longest_task(tab: Tab, study: SampleStudy, number: int) -> float:
    """Milliseconds of the page's longest task while trials from this number on tell 100 events a second."""
    tab.page.wait_for_timeout(2000)
    before = len(tab.measured()["tasks"])
    end = time.monotonic() + 10
    while time.monotonic() < end:
        begun = time.monotonic()
        trials = [study.trial(number + place) for place in range(5)]
        events = [event for trial in trials for event in trial.whole(study.clock, 8)]
        study.append_all(events[:50])
        number += 5
        tab.page.wait_for_timeout(max(1, 500 - 1000 * (time.monotonic() - begun)))
    tab.page.wait_for_timeout(1000)
    tasks = [duration for _, duration in tab.measured()["tasks"][before:]]
    tab.close()
    return max(tasks, default=0.0)


def _memory(chromium: Browser, address: str, study: SampleStudy) -> float:
    study.begin()
    study.train(1)
    tab = Tab(chromium, address)
    tab.go(f"/s/{study.name}", "live")
    tab.settled()
    heap = _heap(tab)
    used, told, number = heap(), 0, 2
    while told < HOUR_EVENTS:
        events = list(study.trial(number).whole(study.clock))
        study.append_all(events)
        told += len(events)
        number += 1
        tab.page.wait_for_timeout(50)
    tab.until(lambda: f"{number - 1} of 1,000" in tab.text(), "all events have arrived")
    tab.page.wait_for_timeout(2000)
    grown = heap() - used
    tab.close()
    return grown


def _heap(tab: Tab) -> Callable[[], float]:
    """A function that returns the megabytes that the page's objects take after a garbage collection."""
    session = tab.context.new_cdp_session(tab.page)
    session.send("HeapProfiler.enable")

    def used() -> float:
        for _ in range(3):
            session.send("HeapProfiler.collectGarbage")
            tab.page.wait_for_timeout(200)
        found: dict[str, Any] = session.send("Runtime.getHeapUsage")
        return float(found["usedSize"]) / 1e6

    return used


def _text(value: float) -> str:
    return "never" if math.isinf(value) else f"{value:.0f}"


def _write(medians: dict[str, float], found: dict[str, list[float]]) -> None:
    about = serving.about()
    machine = about["machine"]
    lines = [
        "# The dashboard",
        "",
        f"`make bench-dashboard` on {machine['cores']} cores ({machine['processor']}), {about['date'][:10]}: Debian's "
        "Chromium without a graphics card,",
        f"a server on loopback without Ray, sample studies. Median of {len(next(iter(found.values())))} runs.",
        "",
        "| what | measured | goal | all runs |",
        "| --- | --- | --- | --- |",
    ]
    for name, value in medians.items():
        mark = "" if value < GOALS[name] else " (missed)"
        runs = ", ".join(map(_text, found[name]))
        lines.append(f"| {name} | {_text(value)}{mark} | < {GOALS[name]:.0f} | {runs} |")
    text = "\n".join(lines) + "\n"
    (Path(__file__).parent / "results/dashboard.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()

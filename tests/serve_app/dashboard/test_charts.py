"""Every chart has a sentence, arrow keys and a table; a trial keeps its colour; parallel coordinates are readable."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.serve_app.dashboard.browser import Tab
from tests.serve_app.dashboard.sample_studies import COMPLETED, EVERY_STATUS, HEALTH, SampleStudy
from tests.serve_app.dashboard.sample_trials import EPOCHS
from tests.serve_app.dashboard.server import House
from tuner.study.importance import study_importance

pytestmark = pytest.mark.timeout(900)

CHARTS = {
    f"/s/{COMPLETED}": ("live", ["learning-curves"]),
    f"/s/{HEALTH}/trials?trial=6&tab=curves": ("trials", ["loss", "accuracy", "learning-gap"]),
    f"/s/{COMPLETED}/compare?t=1,3": ("compare", ["learning-curves"]),
    f"/compare?s={COMPLETED},{HEALTH}": ("compare-studies", ["best-so-far"]),
    "/history": ("history", ["mnist"]),
    f"/s/{EVERY_STATUS}/analysis": ("analysis", ["rungs"]),
    f"/s/{HEALTH}/analysis": (
        "analysis",
        [
            "importance",
            "parallel-coordinates",
            "slice",
            "contour",
            "pareto-front",
            "timeline",
            "training-problems",
        ],
    ),
}
"""Addresses with their page and its panels that have a chart."""
KEYS = ("ArrowRight", "ArrowLeft", "ArrowLeft", "ArrowRight", "ArrowRight")
"""They reach two marks of every chart: of curves from the last point back, of figures from the first one on."""
SENTENCE = re.compile(r"[A-Z0-9]\S*\s\S.*\w.*\.", re.DOTALL)
COLOUR = "one => getComputedStyle(one).backgroundColor"
STROKED = """(canvas, colour) => {
  const [red, green, blue] = colour.match(/\\d+/g).map(Number);
  // Of a copy: reading the chart's own canvas would slow it down, and the browser says so.
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
  let found = 0;
  for (let at = 0; at < data.length; at += 4) {
    if (data[at] === red && data[at + 1] === green && data[at + 2] === blue) found += 1;
  }
  return found;
}"""
"""Pixels of a canvas that have exactly this colour."""
MORE = ("clip_norm", "label_smoothing", "momentum", "weight_decay")
"""Hyperparameters beside the eleven that sample networks differ in."""
AXES = "all => all.map(one => [...one.childNodes].map(part => part.textContent).join(' '))"
"""Names of axes, each in one or two lines."""


def chart_of(panel: Locator) -> Locator:
    """The part of a panel that the keys move in, with the focus."""
    chart = panel.get_by_role("application").first
    chart.blur()  # forgets what was chosen
    chart.focus()
    return chart


def said(chart: Locator) -> str:
    return (chart.locator("p[aria-live=polite]").text_content() or "").replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("path", CHARTS)
def test_each_chart_has_a_sentence_arrow_keys_and_a_table(tab: Tab, path: str) -> None:
    name, panels = CHARTS[path]
    tab.go(path)
    page = tab.settled(name)
    for shown in panels:
        panel = tab.panel(shown)
        texts = [text.strip() for text in panel.locator("p:not([aria-live])").all_inner_texts()]
        assert any(SENTENCE.fullmatch(text) for text in texts), f"{shown} has no sentence: {texts}"
        chart = chart_of(panel)
        heard = set()
        for key in KEYS:
            page.keyboard.press(key)
            heard.add(said(chart))
        assert len(heard - {""}) >= 2, f"keys in {shown} say only {heard}"
        table = panel.locator("details").filter(has_text="Show as a table").first
        table.get_by_text("Show as a table").click()
        expect(table.locator("tbody tr").first).to_be_visible()
        assert tab.nonsense() == [], shown


class TestColours:
    """A trial has the same colour everywhere."""

    def chosen(self, tab: Tab, trial: int) -> str:
        """The colour of the point that is chosen by keys on the curve of a trial, which is drawn in this colour."""
        panel = tab.panel("learning-curves")
        panel.locator("canvas").first.wait_for()
        chart = chart_of(panel)
        tab.page.keyboard.press("ArrowRight")
        for _ in range(12):
            if said(chart).startswith(f"Trial {trial},"):
                break
            tab.page.keyboard.press("ArrowDown")
        assert said(chart).startswith(f"Trial {trial},")
        mark = chart.locator("[aria-hidden=true] > span.rounded-full")
        expect(mark).to_be_visible()
        colour = str(mark.evaluate(COLOUR))
        canvas = panel.locator("canvas").first
        tab.until(lambda: canvas.evaluate(STROKED, colour) > 100, f"trial {trial} is drawn in {colour}")
        return colour

    def test_a_trial_keeps_it_on_every_page(self, tab: Tab) -> None:
        first, second = 1, 3
        tab.go(f"/s/{COMPLETED}")
        tab.settled("live")
        colours = {trial: self.chosen(tab, trial) for trial in (first, second)}
        assert colours[first] != colours[second]
        tab.go(f"/s/{COMPLETED}/trials?compare={first},{second}", "trials")
        for trial, colour in colours.items():
            chip = tab.page.locator("[data-compare-bar] li").filter(has_text=f"Trial {trial}")
            assert chip.locator("span.rounded-full").evaluate(COLOUR) == colour
        tab.go(f"/s/{COMPLETED}/compare?t={first},{second}")
        tab.settled("compare")
        for trial, colour in colours.items():
            assert tab.page.locator(f"[data-compared='{trial}'] span.rounded-full").evaluate(COLOUR) == colour
        assert {trial: self.chosen(tab, trial) for trial in colours} == colours


@pytest.fixture
def wide(home: House) -> SampleStudy:
    """A completed study with 15 hyperparameters that vary, of which 5 are absent in some trials."""
    study = home.study("digits-wide", dataset="digits", trials=16)
    study.begin(alive=False)
    trials = [study.trial(number) for number in range(1, 17)]
    for trial in trials:
        for place, name in enumerate(MORE):
            if (trial.number + place) % 3:
                trial.hyperparameters[name] = round(0.01 * trial.number * (place + 1), 3)
        study.append_all(trial.whole(study.clock))
    study.append(max(trials, key=lambda trial: trial.score(EPOCHS)).lead(EPOCHS, study.clock))
    study.end()
    return study


def test_parallel_coordinates_have_the_twelve_most_important_axes_and_a_lane_for_absent_values(
    tab: Tab, wide: SampleStudy
) -> None:
    known = study_importance(wide.store, wide.name).importance
    assert known is not None
    tab.go(f"/s/{wide.name}/analysis", "analysis")
    tab.page.locator("[data-selected]").wait_for()
    tab.settled("analysis")
    panel = tab.panel("parallel-coordinates")
    expect(panel).to_contain_text("The 11 most important hyperparameters are drawn; the table has 4 more.")
    *axes, result = panel.locator("svg[data-figure] text[font-weight]").evaluate_all(AXES)
    assert len(axes) == 11
    assert result.lower() == "validation accuracy"
    names = [axis.lower().replace(" ", "_") for axis in axes]
    shares = [known[name] for name in names]
    assert shares == sorted(known.values(), reverse=True)[:11]

    trials = wide.store.trials(wide.name)
    place = next(at for at, name in enumerate(names) if any(name not in trial.hyperparameters for trial in trials))
    expect(panel.locator("svg[data-figure] text").filter(has_text=re.compile("^none$"))).to_have_count(1)
    chart = chart_of(panel)
    for _ in range(place + 1):
        tab.page.keyboard.press("ArrowRight")
    tab.page.keyboard.press("ArrowDown")
    tab.until(lambda: "trials=" in tab.page.url, "the lower end of the axis is selected")
    tab.page.keyboard.press("ArrowDown")
    tab.until(lambda: said(chart).endswith(" absent"), "what lies below it is selected")
    absent = sum(names[place] not in trial.hyperparameters for trial in trials)
    expect(tab.page.locator(f"[data-selected='{absent}']")).to_be_visible()

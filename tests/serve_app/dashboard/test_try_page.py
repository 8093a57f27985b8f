"""Try the model: a drawing, a sample, two trials, and a file of inputs, with something else in the place of models."""

from __future__ import annotations

import csv
import io
import json
import urllib.request
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.serve_app.dashboard.browser import Tab
from tests.serve_app.dashboard.sample_studies import RUNNING, TRIED, tried
from tests.serve_app.dashboard.server import House
from tests.serve_app.replicas import Replica

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module", autouse=True)
def winner(home: House) -> int:
    """The best trial of the study TRIED."""
    study = tried(home.study(TRIED, dataset="digits", trials=3, keep_models="all"))
    best = study.store.study(TRIED).best_trial_number
    assert best is not None
    return best


def asked(server: Replica, path: str) -> Any:
    with urllib.request.urlopen(f"{server.address}{path}", timeout=120) as answer:
        return json.load(answer)


def draw(tab: Tab) -> None:
    """A seven, by mouse."""
    pad = tab.page.get_by_role("application")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    places = [(0.25, 0.2), (0.75, 0.2), (0.45, 0.85)]
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
    tab.page.mouse.move(*points[0])
    tab.page.mouse.down()
    for point in points[1:]:
        tab.page.mouse.move(*point, steps=8)
    tab.page.mouse.up()


def test_it_says_first_how_often_the_model_is_right(tab: Tab, winner: int) -> None:
    tab.go(f"/s/{TRIED}/try", "try")
    first = tab.page.locator("[data-panel]").first
    expect(first).to_contain_text(f"On new data, the model of trial {winner} is right about 97 times in 100.")


def test_a_drawing_is_classified_as_it_is_drawn(tab: Tab) -> None:
    tab.go(f"/s/{TRIED}/try", "try")
    draw(tab)
    expect(tab.panel("the-answer")).to_contain_text("It says 7, with 82.0\N{NO-BREAK SPACE}%.")
    expect(tab.panel("the-answer").locator("[data-class]")).to_have_count(10)
    expect(tab.page.get_by_alt_text("Your drawing as the model gets it")).to_be_visible()
    assert tab.violations() == []
    tab.page.get_by_role("button", name="Clear").click()
    expect(tab.panel("the-answer")).to_contain_text("Draw something")


def test_keys_alone_draw_too(tab: Tab) -> None:
    page = tab.go(f"/s/{TRIED}/try", "try")
    page.get_by_role("application").focus()
    for key in ("Space", "ArrowDown", "ArrowDown", "ArrowDown", "Space"):
        page.keyboard.press(key)
    expect(tab.panel("the-answer")).to_contain_text("It says 7")


def test_a_sample_has_its_true_class_beside_the_answer(tab: Tab, server: Replica) -> None:
    first = asked(server, f"/jobs/{TRIED}/samples?split=validation&limit=1")["samples"][0]
    page = tab.go(f"/s/{TRIED}/try?input=sample", "try")
    tab.panel("samples").locator("[data-sample] button").first.click()
    truth = (
        f"Right: the data say {first['label']}." if first["label"] == "7" else f"Wrong: the data say {first['label']}"
    )
    expect(tab.panel("the-answer")).to_contain_text(truth)
    assert "sample=0" in page.url
    page.reload()
    expect(tab.panel("the-answer")).to_contain_text(truth)


def test_two_trials_answer_one_input_and_test_samples_are_for_the_winner(tab: Tab, winner: int) -> None:
    other = next(number for number in (1, 2, 3) if number != winner)
    page = tab.go(f"/s/{TRIED}/try?input=sample&sample=0&with={other}", "try")
    answer = tab.panel("the-answer")
    expect(answer).to_contain_text(f"They disagree: trial {winner} says 7")
    expect(answer.locator("[data-answer]")).to_have_count(2)
    expect(page.get_by_role("radio", name="Test")).to_have_count(0)
    page.get_by_label("Compare with").select_option("")
    page.get_by_role("radio", name="Test").click()
    tab.panel("samples").locator("[data-sample] button").first.click()
    expect(answer).to_contain_text("the data say")


def test_a_file_of_images_becomes_a_table(tab: Tab) -> None:
    page = tab.go(f"/s/{TRIED}/try", "try")
    file = io.BytesIO()
    np.savez(file, x=np.zeros((5, 8, 8, 1), np.uint8))
    content = {"name": "five.npz", "mimeType": "application/octet-stream", "buffer": file.getvalue()}
    page.get_by_label("File of inputs").set_input_files(content)
    batch = tab.panel("a-whole-file")
    expect(batch).to_contain_text("5 inputs classified: most often 7 (100.0\N{NO-BREAK SPACE}%).")
    with page.expect_download() as begun:
        batch.get_by_role("button", name="Save as CSV").click()
    assert begun.value.suggested_filename == "five-predictions.csv"
    rows = list(csv.DictReader(begun.value.path().read_text().splitlines()))
    assert [row["label"] for row in rows] == ["7"] * 5


def test_a_study_without_a_model_says_what_to_wait_for(tab: Tab) -> None:
    tab.go(f"/s/{RUNNING}/try", "try")
    tab.settled("try")
    assert "There is no model to try yet" in tab.text()
    assert tab.violations() == []


@pytest.mark.parametrize("query", ["", "?input=sample", "?input=image", "?with=1&input=sample&sample=2"])
def test_it_is_accessible_steady_and_fits_a_phone(tab: Tab, query: str) -> None:
    tab.check(f"/s/{TRIED}/try{query}", "try")

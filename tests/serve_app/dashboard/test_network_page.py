"""The drawing of a network: 3D and flat, by mouse and by keyboard, saved as files, and without WebGL."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from PIL import Image
from playwright.sync_api import Locator, Route, expect

from tests.serve_app.dashboard.browser import MOST_SHIFT, Tab
from tests.serve_app.dashboard.sample_studies import COMPLETED, HEALTH, TEXTS, SampleStudy
from tests.serve_app.dashboard.sample_trials import EPOCHS, repeated
from tests.serve_app.dashboard.server import House

pytestmark = pytest.mark.timeout(600)

MOST_DRAW_CALLS = 12
CENTRES = "all => all.map(one => { const box = one.getBoundingClientRect(); return (box.left + box.right) / 2; })"
LOSE = """(canvas) => canvas.getContext("webgl2").getExtension("WEBGL_lose_context").loseContext()"""
COLOURS = {0.9: (0x2A, 0x9D, 0x5C), 0.8: (0xE0, 0xA3, 0x26), 0.7: (0xD6, 0x45, 0x3D), 0.0: (0x8A, 0x91, 0x9C)}
"""Colours of the legend by the score from which they hold."""


def scene(tab: Tab) -> Locator:
    """The 3D drawing, once it is drawn."""
    drawing = tab.page.locator("[data-page=network] [data-drawing='3d']")
    drawing.wait_for()
    tab.until(lambda: int(drawing.get_attribute("data-frames") or 0) > 0, "the scene is drawn")
    return drawing


def pressed(tab: Tab) -> list[str]:
    """The names of the layers that are selected in the list."""
    found = tab.page.locator("button[data-layer][aria-pressed=true]")
    return [str(found.nth(place).get_attribute("data-layer")) for place in range(found.count())]


def saved(tab: Tab, button: str) -> bytes:
    with tab.page.expect_download() as begun:
        tab.page.get_by_role("button", name=button).click()
    return begun.value.path().read_bytes()


def expected_colour(score: float) -> tuple[int, int, int]:
    return next(colour for least, colour in COLOURS.items() if score >= least)


def test_nothing_moves_when_the_list_of_trials_arrives_after_the_drawing(tab: Tab) -> None:
    held: list[Route] = []
    lists = re.compile(rf"/jobs/{HEALTH}/trials\?")
    tab.page.route(lists, lambda route: held.append(route))
    page = tab.go(f"/s/{HEALTH}/network?trial=1", "network")
    scene(tab)
    compare = page.get_by_label("Compare with")
    expect(compare).to_be_disabled()
    assert held, "the answers are late"
    for route in held:
        route.continue_()
    page.unroute(lists)
    expect(compare).to_be_enabled()
    tab.settled()
    shift = tab.measured()["shift"]
    assert shift < MOST_SHIFT, f"its parts moved: {shift:.3f}"


class TestScene:
    def test_it_needs_few_draw_calls_and_a_still_one_renders_nothing(self, tab: Tab) -> None:
        tab.go(f"/s/{HEALTH}/network", "network")
        drawing = scene(tab)
        assert 0 < int(drawing.get_attribute("data-draw-calls") or 0) <= MOST_DRAW_CALLS
        frames = -1
        for _ in range(20):  # the flow ends after a few seconds without a motion
            before, frames = frames, int(drawing.get_attribute("data-frames") or 0)
            if before == frames:
                break
            tab.page.wait_for_timeout(1000)
        tab.page.wait_for_timeout(2000)
        assert int(drawing.get_attribute("data-frames") or 0) == frames

    def test_a_click_selects_a_layer(self, tab: Tab) -> None:
        page = tab.go(f"/s/{COMPLETED}/network", "network")
        drawing = scene(tab)
        label = page.locator("[data-page=network] [data-label]").first
        label.wait_for()
        box, place = drawing.bounding_box(), label.bounding_box()
        assert box is not None
        assert place is not None
        for step in range(2, 14):  # from the label up to the layer that it names
            page.mouse.click(place["x"] + place["width"] / 2, place["y"] - 6 * step)
            if pressed(tab):
                break
        tab.until(lambda: pressed(tab), "a layer is selected")
        assert f"layer={pressed(tab)[0]}" in page.url
        expect(page.get_by_role("heading", name=f"Layer {pressed(tab)[0]}")).to_be_visible()

    def test_keys_select_and_move(self, tab: Tab) -> None:
        page = tab.go(f"/s/{COMPLETED}/network", "network")
        scene(tab)
        view = page.locator("[data-page=network] [data-network]")
        view.focus()
        page.keyboard.press("ArrowRight")
        tab.until(lambda: pressed(tab) == ["pixels"], "the first layer is selected")
        page.keyboard.press("ArrowRight")
        tab.until(lambda: pressed(tab) == ["block1_conv"], "the next one is selected")
        page.keyboard.press("Escape")
        tab.until(lambda: pressed(tab) == [], "none is selected")
        page.keyboard.press("Shift+ArrowLeft")
        tab.until(lambda: "camera=" in page.url, "the camera is in the address")
        turned = page.url
        page.reload()
        scene(tab)
        assert page.url == turned
        page.get_by_role("button", name="Fit", exact=True).click()
        tab.until(lambda: "camera=" not in page.url, "it fits again")

    def test_the_list_of_layers_is_its_twin(self, tab: Tab, studies: dict[str, SampleStudy]) -> None:
        page = tab.go(f"/s/{HEALTH}/network", "network")
        scene(tab)
        number = studies[HEALTH].store.study(HEALTH).best_trial_number
        assert number is not None
        built = studies[HEALTH].trial(number).built
        listed = page.locator("button[data-layer]")
        assert [listed.nth(place).get_attribute("data-layer") for place in range(listed.count())] == [
            layer.layer_id for layer in built.layers
        ]
        page.locator("button[data-layer=classes]").click()
        assert pressed(tab) == ["classes"]
        expect(page.get_by_role("heading", name="Layer classes")).to_be_visible()
        expect(page.get_by_role("region", name="Measurements of the layer by epoch")).to_be_visible()


class TestFiles:
    def test_the_picture_is_not_blank_and_has_the_colour_of_the_score(
        self, tab: Tab, studies: dict[str, SampleStudy]
    ) -> None:
        tab.go(f"/s/{COMPLETED}/network", "network")
        scene(tab)
        picture = Image.open(io.BytesIO(saved(tab, "Save as PNG"))).convert("RGB")
        colours = {colour: count for count, colour in picture.getcolors(2**24) or ()}
        assert len(colours) > 20
        score = studies[COMPLETED].store.study(COMPLETED).best_objective
        assert score is not None
        assert colours.get(expected_colour(score), 0) > 200

    def test_the_flat_drawing_is_saved_too(self, tab: Tab) -> None:
        tab.go(f"/s/{COMPLETED}/network?drawing=svg", "network").locator("[data-drawing=svg]").first.wait_for()
        drawing = saved(tab, "Save as SVG").decode()
        assert drawing.startswith("<svg")
        assert "block1_conv" in drawing or "Conv2D" in drawing

    def test_the_layers_are_saved_as_json(self, tab: Tab, studies: dict[str, SampleStudy]) -> None:
        tab.go(f"/s/{TEXTS}/network", "network")
        scene(tab)
        number = studies[TEXTS].store.study(TEXTS).best_trial_number
        assert number is not None
        layers = json.loads(saved(tab, "Save layers as JSON"))["layers"]
        built = studies[TEXTS].trial(number, texts=True).built
        assert [layer["layer_id"] for layer in layers] == [layer.layer_id for layer in built.layers]

    def test_the_best_model_can_be_downloaded(self, tab: Tab) -> None:
        page = tab.go(f"/s/{COMPLETED}/network", "network")
        with page.expect_download() as begun:
            page.get_by_role("link", name="Model archive").click()
        assert begun.value.path().read_bytes().startswith(b"PK")


class TestWithoutWebGL:
    def test_a_lost_context_becomes_the_flat_drawing(self, tab: Tab) -> None:
        tab.go(f"/s/{COMPLETED}/network", "network")
        scene(tab).locator("canvas").evaluate(LOSE)
        tab.page.locator("[data-unavailable=lost] [data-drawing=svg]").wait_for()
        expect(tab.page.get_by_role("status").filter(has_text="drawn flat")).to_be_visible()

    def test_where_there_is_none_the_drawing_is_flat(self, open_tab: Callable[..., Tab]) -> None:
        tab = open_tab(fresh=True)
        absent = "HTMLCanvasElement.prototype.getContext = () => null;"
        tab.context.add_init_script(absent)
        tab.go(f"/s/{COMPLETED}/network", "network")
        tab.page.locator("[data-unavailable=absent] [data-drawing=svg]").wait_for()
        tab.page.locator("[data-network]").focus()
        tab.page.keyboard.press("ArrowRight")
        tab.until(lambda: pressed(tab) == ["pixels"], "a layer is selected")
        tab.errors.clear()  # three says that it found no context


def test_what_a_link_shows_everybody_sees(open_tab: Callable[..., Tab]) -> None:
    tab = open_tab()
    tab.go(f"/s/{HEALTH}/network?trial=6&drawing=svg&colour=health&layer=block1_conv", "network")
    tab.page.locator("[data-drawing=svg]").first.wait_for()
    tab.page.locator("[data-legend=health]").wait_for()
    assert pressed(tab) == ["block1_conv"]
    expect(tab.page.get_by_role("heading", name="Network of trial 6")).to_be_visible()


def test_equal_blocks_are_drawn_once_from_left_to_right_with_their_dimensions(tab: Tab, home: House) -> None:
    study = home.study("digits-repeated", dataset="digits", trials=1)
    study.begin(alive=False)
    trial = replace(study.trial(1), built=repeated(4))
    study.append_all([*trial.whole(study.clock), trial.lead(EPOCHS, study.clock)])
    study.end()
    page = tab.go(f"/s/{study.name}/network?drawing=svg", "network")
    drawing = page.locator("[data-page=network] svg[data-drawing=svg]")
    expect(drawing.locator("text[data-label^=repeat]")).to_have_text("\N{MULTIPLICATION SIGN} 4")
    folded = drawing.locator("[data-block]")
    expect(folded).to_have_count(5)
    centres = folded.evaluate_all(CENTRES)
    assert centres == sorted(centres)
    convolution = drawing.locator("text[data-label=convolution-1] tspan")
    expect(convolution.nth(0)).to_have_text("Conv2D 3\N{MULTIPLICATION SIGN}3 (4\N{MULTIPLICATION SIGN})")
    expect(convolution.nth(1)).to_have_text("8 \N{MULTIPLICATION SIGN} 8 \N{MULTIPLICATION SIGN} 4")
    expect(page.locator("button[data-layer]")).to_have_count(11)
    page.get_by_role("checkbox", name="Fold repeats").uncheck()
    expect(folded).to_have_count(11)
    expect(drawing.locator("text[data-label^=repeat]")).to_have_count(0)
    tab.until(lambda: "unfolded" in page.url, "the address says it")

"""The network page's second part: health by epoch, two networks in one drawing, what if, and the flow of data."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.serve_app.dashboard.browser import Tab
from tests.serve_app.dashboard.sample_studies import COMPLETED, HEALTH, SampleStudy

pytestmark = pytest.mark.timeout(600)

MOST_DRAW_CALLS = 12


def drawing(tab: Tab) -> Locator:
    """The 3D drawing, once it is drawn."""
    found = tab.page.locator("[data-page=network] [data-drawing='3d']")
    found.wait_for()
    tab.until(lambda: int(found.get_attribute("data-frames") or 0) > 0, "the scene is drawn")
    return found


class TestEpochs:
    def test_the_slider_replays_the_health_of_layers(self, tab: Tab, studies: dict[str, SampleStudy]) -> None:
        page = tab.go(f"/s/{HEALTH}/network?trial=1&drawing=svg", "network")
        health = tab.panel("health-by-epoch")
        expect(health).to_contain_text("After epoch 12 of 12")
        page.get_by_role("slider", name="Epoch").press("Home")
        expect(health).to_contain_text("After epoch 1 of 12")
        expect(health).to_contain_text(f"{100 * studies[HEALTH].trial(1).accuracy(1):.0f}")
        page.locator("[data-legend=health]").wait_for()
        tab.until(lambda: "epoch=1" in page.url, "the epoch is in the address")
        page.reload()
        expect(tab.panel("health-by-epoch")).to_contain_text("After epoch 1 of 12")
        tab.panel("health-by-epoch").get_by_role("button", name="Play").click()
        expect(tab.panel("health-by-epoch")).to_contain_text("After epoch 3 of 12")


class TestTwoNetworks:
    def test_a_second_trial_is_laid_over_the_first_one(self, tab: Tab, studies: dict[str, SampleStudy]) -> None:
        study = studies[COMPLETED]
        layers = {number: [layer.layer_id for layer in study.trial(number).built.layers] for number in range(1, 13)}
        other = next(number for number in range(2, 13) if layers[number] != layers[1])
        page = tab.go(f"/s/{COMPLETED}/network?trial=1&drawing=svg", "network")
        page.get_by_label("Compare with").select_option(str(other))
        compared = tab.panel(f"trial-{other}-against-trial-1")
        compared.wait_for()
        assert any(word in compared.inner_text() for word in ("added", "removed"))
        legend = page.locator("[data-legend=difference]")
        for sign in ("+ added", "◆ changed", "\N{MINUS SIGN} removed"):
            expect(legend).to_contain_text(sign)
        assert f"with={other}" in page.url
        assert set(layers[1]) | set(layers[other]) <= {
            str(page.locator("button[data-layer]").nth(place).get_attribute("data-layer"))
            for place in range(page.locator("button[data-layer]").count())
        }
        assert tab.nonsense() == []

    def test_it_needs_no_more_draw_calls(self, tab: Tab) -> None:
        tab.go(f"/s/{COMPLETED}/network?trial=1&with=2", "network")
        tab.panel("trial-2-against-trial-1").wait_for()
        assert 0 < int(drawing(tab).get_attribute("data-draw-calls") or 0) <= MOST_DRAW_CALLS


class TestWhatIf:
    def test_each_move_redraws_the_network_and_its_numbers(self, tab: Tab) -> None:
        page = tab.go(f"/s/{COMPLETED}/network?trial=1&drawing=svg", "network")
        page.get_by_role("button", name="What if").click()
        what_if = tab.panel("what-if")
        expect(what_if).to_contain_text("As it is, the network has")
        filters = page.locator("[data-parameter=filters_1] input")
        filters.press("End")
        expect(what_if).to_contain_text("With filters 1 = 256")
        filters.press("Home")
        expect(what_if).to_contain_text("With filters 1 = 16")
        expect(page.get_by_role("heading", name="Trial 1 with other hyperparameters")).to_be_visible()
        tab.until(lambda: "filters_1" in page.url, "the values are in the address")
        shown = what_if.locator("p").first.inner_text()
        page.reload()
        expect(tab.panel("what-if")).to_contain_text(shown)
        assert tab.nonsense() == []

    def test_the_keyboard_alone_changes_a_choice(self, tab: Tab) -> None:
        page = tab.go(f"/s/{COMPLETED}/network?trial=1&drawing=svg&what-if=1", "network")
        kernel = page.locator("[data-parameter=kernel_size] input")
        kernel.press("End")
        kernel.press("Home")
        expect(page.locator("[data-parameter=kernel_size]")).to_contain_text("3")
        page.get_by_role("button", name="Close", exact=True).click()
        expect(tab.panel("what-if")).to_have_count(0)
        tab.until(lambda: "if=" not in page.url, "nothing is tried any more")


class TestFlow:
    def test_it_ends_by_itself_and_can_be_paused(self, tab: Tab) -> None:
        page = tab.go(f"/s/{COMPLETED}/network", "network")
        scene = drawing(tab)
        tab.until(lambda: scene.get_attribute("data-flow") == "off", "the flow ends")
        frames = scene.get_attribute("data-frames")
        page.wait_for_timeout(1500)
        assert scene.get_attribute("data-frames") == frames
        scene.hover(position={"x": 60, "y": 60})
        tab.until(lambda: scene.get_attribute("data-flow") == "on", "a motion starts it again")
        page.get_by_role("button", name="Pause the data flow").click()
        tab.until(lambda: scene.get_attribute("data-flow") == "off", "it is paused")
        page.reload()
        expect(page.get_by_role("button", name="Show the data flow")).to_be_visible()

    def test_reduced_motion_has_none(self, tab: Tab) -> None:
        tab.page.emulate_media(reduced_motion="reduce")
        page = tab.go(f"/s/{COMPLETED}/network", "network")
        scene = drawing(tab)
        page.wait_for_timeout(1000)
        assert scene.get_attribute("data-flow") != "on"
        expect(page.get_by_role("button", name="Pause the data flow")).to_have_count(0)


@pytest.mark.parametrize("search", ["trial=1&with=2", "trial=1&what-if=1", "trial=1&epoch=3"])
def test_no_part_is_wider_than_a_phone(open_tab: Callable[..., Tab], search: str) -> None:
    tab = open_tab(width=360, height=740)
    tab.go(f"/s/{HEALTH}/network?{search}&drawing=svg", "network")
    tab.settled()
    assert tab.overflow() <= 0
    assert tab.violations() == []

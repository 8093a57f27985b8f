"""The data sets: listed, shown with their classes and samples, uploaded, deleted, and searched on."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.serve_app.dashboard.browser import Tab

pytestmark = [pytest.mark.timeout(600), pytest.mark.usefixtures("studies")]
REVIEWS = "text,label\n" + "".join(
    f"review {place} is {word},{word}\n" for place in range(30) for word in ("good", "bad")
)


def chosen(name: str, content: str) -> dict[str, object]:
    return {"name": name, "mimeType": "text/csv", "buffer": content.encode()}


def test_all_data_sets_are_listed_and_found(tab: Tab) -> None:
    page = tab.go("/data", "data")
    page.locator("[data-dataset=digits]").wait_for()
    assert page.locator("[data-dataset]").count() > 3
    page.get_by_label("Search data sets").fill("digits")
    tab.until(lambda: page.locator("[data-dataset]").count() < 3, "the list is narrowed")
    assert "find=digits" in page.url
    page.reload()
    page.locator("[data-dataset=digits]").wait_for()
    assert page.locator("[data-dataset]").count() < 3


def test_a_data_set_shows_its_classes_and_samples(tab: Tab) -> None:
    page = tab.go("/data?dataset=digits", "data")
    classes = tab.panel("classes")
    expect(classes).to_contain_text("10 classes of about the same size")
    expect(classes.locator("tbody tr")).to_have_count(10)
    samples = tab.panel("samples")
    expect(samples.locator("[data-sample]")).to_have_count(24)
    picture = samples.locator("img").first
    tab.until(lambda: picture.evaluate("(one) => one.complete && one.naturalWidth") == 8, "the picture shows")
    samples.get_by_label("Class").select_option("3")
    tab.until(lambda: set(samples.locator("li span").all_inner_texts()) == {"3"}, "threes only")
    samples.get_by_role("button", name="Next").click()
    tab.until(lambda: "from=24" in page.url, "the address names the page")


def test_search_on_this_begins_a_study_with_the_data(tab: Tab) -> None:
    page = tab.go("/data?dataset=mnist", "data")
    page.get_by_role("link", name="Search on this").click()
    page.locator("[data-page=new]").wait_for()
    expect(page.get_by_label("Data set")).to_have_value("mnist")


def test_a_file_is_uploaded_shown_and_deleted(tab: Tab) -> None:
    page = tab.go("/data", "data")
    page.get_by_role("button", name="Upload a data set").click()
    page.get_by_label("File", exact=True).set_input_files(chosen("My reviews.csv", REVIEWS))
    expect(page.get_by_label("Name", exact=True)).to_have_value("My-reviews")
    assert tab.violations() == []
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_role("heading", name="My-reviews")).to_be_visible()
    expect(tab.panel("classes")).to_contain_text("2 classes with 30 samples each.")
    expect(tab.panel("samples").locator("[data-sample]").first).to_contain_text("review")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.locator("[data-dataset=digits]").wait_for()
    expect(page.locator("[data-dataset='My-reviews']")).to_have_count(0)


def test_what_is_wrong_with_a_file_stands_at_its_field(tab: Tab) -> None:
    page = tab.go("/data?upload=1", "data")
    page.get_by_label("File", exact=True).set_input_files(chosen("broken.csv", "a,b\n1,2\n"))
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.locator("[data-field=file] [role=alert]")).to_contain_text("text")
    expect(page.get_by_label("File", exact=True)).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Name", exact=True).fill("digits")
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.locator("[data-field=name]")).to_contain_text("This name is taken")


def test_data_that_are_not_here_say_so_and_what_to_do(tab: Tab) -> None:
    tab.go("/data?dataset=cifar10", "data")
    expect(tab.panel("classes")).to_contain_text("These data are not read yet")
    expect(tab.panel("samples").get_by_role("alert")).to_be_visible()


@pytest.mark.parametrize("path", ["/data", "/data?upload=1", "/data?dataset=digits", "/data?dataset=nowhere"])
def test_it_is_accessible_steady_and_fits_a_phone(tab: Tab, path: str) -> None:
    tab.check(path, "data")

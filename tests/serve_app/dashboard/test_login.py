"""The login: only with a token, kept over restarts and by every replica, and ended on request."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

import pytest

from tests.serve_app.dashboard.browser import Tab
from tests.serve_app.dashboard.sample_studies import COMPLETED
from tests.serve_app.dashboard.server import House

pytestmark = [pytest.mark.timeout(600), pytest.mark.usefixtures("studies")]

TOKEN = "secret-token"


def log_in(tab: Tab, token: str = TOKEN) -> None:
    tab.page.get_by_label("Token").fill(token)
    tab.page.get_by_role("button", name="Log in").click()


def test_without_a_token_there_is_no_login(tab: Tab) -> None:
    tab.go("/login")
    tab.settled("studies")
    assert not tab.page.get_by_role("button", name="Log out").count()


def test_its_page_is_accessible_steady_and_fits_a_phone(open_tab: Callable[..., Tab], home: House) -> None:
    with home.serving(token=TOKEN) as server:
        open_tab(server.address).check("/login", "login")


def test_a_deep_link_leads_over_the_login_to_its_page_and_out_again(open_tab: Callable[..., Tab], home: House) -> None:
    with home.serving(token=TOKEN) as server:
        tab = open_tab(server.address)
        tab.go(f"/s/{COMPLETED}/trials?status=pruned")
        tab.settled("login")
        assert tab.violations() == []
        log_in(tab, "wrong")
        tab.page.get_by_role("alert").wait_for()
        assert "wrong" in tab.text()
        log_in(tab)
        tab.settled("trials")
        assert tab.page.url.endswith(f"/s/{COMPLETED}/trials?status=pruned")
        tab.page.locator("[data-connection=live]").first.wait_for()

        (cookie,) = tab.context.cookies()
        assert (cookie["httpOnly"], cookie["sameSite"], cookie["secure"]) == (True, "Strict", False)

        tab.page.get_by_role("button", name="Log out").click()
        tab.settled("login")
        assert tab.context.cookies() == []
        tab.go("/")
        tab.settled("login")


def test_a_logout_ends_every_tab_of_the_browser(open_tab: Callable[..., Tab], home: House) -> None:
    with home.serving(token=TOKEN) as server:
        tab = open_tab(server.address)
        tab.go("/login", "login")
        log_in(tab)
        tab.settled("studies")
        other = tab.context.new_page()
        other.goto(f"{server.address}/s/{COMPLETED}")
        other.locator("[data-connection=live]").first.wait_for()
        tab.page.get_by_role("button", name="Log out").click()
        other.wait_for_url(f"**/login?next=%2Fs%2F{COMPLETED}")


def test_it_survives_a_restart_and_holds_for_every_replica(open_tab: Callable[..., Tab], home: House) -> None:
    with ExitStack() as servers:
        first = servers.enter_context(home.serving(token=TOKEN))
        tab = open_tab(first.address)
        tab.go("/login", "login")
        log_in(tab)
        tab.settled("studies")
    with home.serving(first.port, token=TOKEN):
        tab.go(f"/s/{COMPLETED}")
        tab.settled("live")
    with home.serving(token=TOKEN) as other:  # cookies do not look at ports
        tab.address = other.address
        tab.go(f"/s/{COMPLETED}/log")
        tab.settled("log")
    with home.serving(token="another-token") as changed:
        tab.address = changed.address
        tab.go("/")
        tab.settled("login")

"""Opens an address in the user's browser."""

from __future__ import annotations

import webbrowser


def open_in_browser(address: str) -> bool:
    """Whether a browser with a window of its own shows the address now. One that runs in the terminal is not started."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    # This class waits until its browser ends, such as lynx; its subclass does not.
    in_terminal = type(browser) is webbrowser.GenericBrowser
    return not in_terminal and browser.open(address)

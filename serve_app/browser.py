"""Opens an address in the user's browser."""

from __future__ import annotations

import webbrowser


def open_in_browser(address: str) -> bool:
    """Open an address in a browser with a window of its own, never in the terminal. Returns whether there is one."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    # This class waits until its browser ends, such as lynx; its subclass does not.
    in_terminal = type(browser) is webbrowser.GenericBrowser
    return not in_terminal and browser.open(address)

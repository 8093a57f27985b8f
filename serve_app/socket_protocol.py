"""The subprotocol of the live feed's WebSockets, and the codes with which the server closes them.

Ray Serve's proxy uses them too, so this imports nothing of the application.
"""

from __future__ import annotations

from typing import Literal

VERSION: Literal[1] = 1
SUBPROTOCOLS = "tuner.feed.v"
"""Prefix of the WebSocket subprotocols of all versions."""
SUBPROTOCOL = f"{SUBPROTOCOLS}{VERSION}"

CLOSED: dict[int, str] = {
    1012: "the server shuts down: connect again with the last cursor",
    1013: "the server has too many clients of the feed: connect again later, with the last cursor",
    4400: "the request is invalid: see the reason",
    4401: "the token is missing or wrong",
    4404: "there is no such study, or it was deleted",
    4406: f"the client uses another version: this server uses {SUBPROTOCOL}",
    4408: "the client took no message for too long: connect again with the last cursor",
}
"""Meaning of the codes with which a WebSocket is closed. Origins that are not allowed get HTTP 403 instead."""

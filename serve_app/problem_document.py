"""A problem document (RFC 9457) as plain JSON.

Ray Serve's proxy uses it too, so this imports nothing of the application.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 5


def problem(
    status: int, detail: str, *, remedy: str | None = None, errors: Sequence[dict[str, str]] = ()
) -> dict[str, Any]:
    """The fields of `serve_app.problems.Problem`."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
        "remedy": remedy or None,
        "errors": list(errors),
    }


def problem_text(status: int, detail: str, *, remedy: str | None = None) -> bytes:
    """The body of a problem, for answers outside the application's routes."""
    return json.dumps(problem(status, detail, remedy=remedy)).encode()

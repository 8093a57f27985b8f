"""Who may call."""

from __future__ import annotations

import hmac


def token_matches(given: str | None, expected: str | None) -> bool:
    """Whether a caller who gave this token may pass; always where none is expected.

    Takes as long for a token that is nearly right as for one that is wrong throughout.
    """
    if expected is None:
        return True
    return given is not None and hmac.compare_digest(given.encode(errors="replace"), expected.encode())

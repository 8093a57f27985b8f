"""A mixin for objects that Ray Tune pickles with an experiment, although they are never restored from a pickle."""

from __future__ import annotations

from typing import Any


class Stateless:
    """Mixin that pickles without any state: a study resumes from its database, never from Ray Tune's state."""

    def __getstate__(self) -> dict[str, Any]:
        return {}

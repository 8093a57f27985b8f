"""For what Ray Tune pickles beside an experiment although nothing of ours is ever restored from a pickle."""

from __future__ import annotations

from typing import Any


class Stateless:
    """Pickles as an empty shell: a study resumes from its database, never from Ray Tune's own state."""

    def __getstate__(self) -> dict[str, Any]:
        return {}

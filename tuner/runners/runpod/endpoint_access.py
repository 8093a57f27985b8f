"""Address and key of an endpoint. The key is never shown: neither by `repr` nor in an error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr


@dataclass(frozen=True)
class EndpointAccess:
    """One endpoint of RunPod, or of another service with the same API at `base_url` (with its /v2)."""

    base_url: str
    endpoint_id: str
    api_key: SecretStr

    @property
    def url(self) -> str:
        return f"{self.base_url.rstrip('/')}/{self.endpoint_id}"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.api_key.get_secret_value()}"}

    def without_key(self, text: Any) -> str:
        """Return a text as one line of at most 300 characters, without the key, which a service might repeat."""
        shown = " ".join(str(text).replace(self.api_key.get_secret_value(), "***").split())
        return shown if len(shown) <= 300 else f"{shown[:297]}..."

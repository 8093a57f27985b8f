"""Prints the OpenAPI document of the application, for `make types`.

python -m serve_app.openapi_document

It describes an application with a token, which has every path, answer and header that any other application has.
"""

from __future__ import annotations

import json
from typing import Any, cast

from pydantic import SecretStr

from serve_app.app import make_app
from serve_app.services import Services
from serve_app.settings import ServeSettings


def document() -> dict[str, Any]:
    """The OpenAPI document. Opens no database and starts nothing: routes use their services only to answer requests."""
    none = cast(Any, object())
    services = Services(ServeSettings(api_token=SecretStr("x")), none, none, none, predictor=none)
    return make_app(services).openapi()


if __name__ == "__main__":
    print(json.dumps(document(), indent=1))

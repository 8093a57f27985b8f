"""What Ray Serve's HTTP proxy does beyond passing requests to replicas and their answers back.

Serve calls `middlewares` in each proxy's process, since SETTINGS names it. Serve has no public option for either: see
`tests/test_ray_internals.py`. Nothing of the application is imported here: it would cost the proxy 90 MB.
"""

from __future__ import annotations

from starlette.middleware import Middleware

from serve_app.proxy.answers import ProxyAnswers
from serve_app.proxy.clients import ApplicationOnly, SlowClients
from serve_app.proxy.request_head import limit_request_heads

SETTINGS = {
    "RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH": "serve_app.proxy.middlewares",
    "RAY_SERVE_PROXY_HEALTH_CHECK_PERIOD_S": "1",  # Serve replaces a proxy after three failed checks: 30 s by default
}
"""Environment of Serve's controller, which it passes on to its proxies."""


def middlewares() -> list[Middleware]:
    """The middleware of a proxy, of which the last one runs first; called once, before the proxy starts its server."""
    limit_request_heads()
    return [Middleware(ProxyAnswers), Middleware(ApplicationOnly), Middleware(SlowClients)]

"""The login of the dashboard: whether one is required, the cookie of a session, and its end."""

from __future__ import annotations

import logging
from http import HTTPStatus
from math import ceil
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field, StringConstraints

from serve_app.authentication import Identity, token_matches
from serve_app.problems import ProblemError, responses
from serve_app.routes.common import RequestBody
from serve_app.routing import new_routes
from serve_app.schemas import LoginState
from serve_app.session import COOKIE, SESSION_S, LoginThrottle, is_secure

log = logging.getLogger("tuner.serve")


class Login(RequestBody):
    """The token that opens the application."""

    token: Annotated[str, StringConstraints(strip_whitespace=True, max_length=4096)] = Field(
        description="The value of TUNER_API_TOKEN on the server."
    )


def router(identity: Identity) -> APIRouter:
    routes = new_routes(tags=["session"])
    throttle = LoginThrottle()
    refused = responses(401, 429) if identity.token is not None else {}

    # Async: these take no time, and the throttle counts one request after the other.
    @routes.get("/session")
    async def session(request: Request) -> LoginState:
        """Return whether this server requires a login, and whether this client has logged in. Needs no token."""
        return LoginState(login_required=identity.token is not None, logged_in=identity.is_known(request.scope))

    @routes.post("/login", status_code=HTTPStatus.NO_CONTENT, responses=refused)
    async def login(request: Request, response: Response, body: Login) -> None:
        """Check the token and set the session cookie, which browsers send from then on. Needs no token before."""
        if identity.token is None:
            return
        if wait_s := throttle.wait_s(request.scope):
            raise ProblemError(
                HTTPStatus.TOO_MANY_REQUESTS,
                "too many wrong tokens from this address",
                remedy=f"try again in {ceil(wait_s)} s",
                headers={"Retry-After": str(ceil(wait_s))},
            )
        if not token_matches(body.token, identity.token):
            throttle.count_wrong(request.scope)
            log.warning("POST /login: wrong token from %s", request.client.host if request.client else "unknown")
            raise ProblemError(
                HTTPStatus.UNAUTHORIZED,
                "the token is wrong",
                remedy="use the value of TUNER_API_TOKEN on the server",
                headers={"WWW-Authenticate": "Bearer"},
            )
        response.set_cookie(
            COOKIE,
            identity.sessions.issue(),
            max_age=SESSION_S,
            secure=is_secure(request.scope),
            httponly=True,
            samesite="strict",
        )

    @routes.post("/logout", status_code=HTTPStatus.NO_CONTENT)
    async def logout(request: Request, response: Response) -> None:
        """Delete the session cookie of this browser. Needs no token."""
        response.delete_cookie(COOKIE, secure=is_secure(request.scope), httponly=True, samesite="strict")

    return routes

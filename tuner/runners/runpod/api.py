"""RunPod's REST for one endpoint: submit, stream, status, cancel. Synchronous, and safe to use from several threads.

A call is tried again, with exponential backoff and jitter, after errors that may pass: no connection, a dropped one,
HTTP 429 and 5xx (with their Retry-After), an answer that is not JSON. It gives up after `patience_s`. A refused key or
endpoint raises at once, as a lasting failure.

A submission whose answer was lost is submitted again. If the first one arrived, its job ends by its execution timeout.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Self

import httpx
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

PATIENCE_S = 60.0
"""How long a call is tried again before it fails."""

LARGEST_ANSWER = 24 * 2**20
"""Bytes; the service limits a job's output to 20 MB."""

FINAL = ("COMPLETED", "FAILED", "CANCELLED", "TIMED_OUT", "EXPIRED")
_TIMEOUT = httpx.Timeout(30.0, connect=5.0)
_BACKOFF = wait_random_exponential(multiplier=0.2, max=10)


@dataclass(frozen=True)
class EndpointAccess:
    """Address and key of an endpoint of RunPod, or of another service with the same API at `base_url` (with its /v2).

    The key is never shown: neither by `repr` nor in an error.
    """

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


class JobStatus(BaseModel):
    """The service's answer about a job."""

    model_config = ConfigDict(frozen=True)

    id: str | None = None
    status: str
    output: Any = None
    error: Any = None
    delay_ms: float | None = Field(default=None, ge=0, allow_inf_nan=False, validation_alias="delayTime")
    execution_ms: float | None = Field(default=None, ge=0, allow_inf_nan=False, validation_alias="executionTime")
    stream: tuple[dict[str, Any], ...] = Field(default=(), description="Values since the last request, in order.")

    @property
    def ended(self) -> bool:
        return self.status in FINAL


class ServiceFaultError(Exception):
    """The service did not run a trial, for the reason in its text, which is one line. The trial may train elsewhere.

    A lasting fault remains until a user corrects something (a key, an endpoint).
    """

    def __init__(self, reason: str, *, lasting: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.lasting = lasting


class BadAnswerError(ServiceFaultError):
    """An answer is not one of the service or the handler: malformed, too large, or about another trial."""


class JobGoneError(ServiceFaultError):
    """The service does not know the job any more: it expired, or its results did."""


class TimedOutError(Exception):
    """A trial reached its time limit: not a failure of the service."""


class _PassingError(ServiceFaultError):
    """A failure that may pass until the next try."""

    def __init__(self, reason: str, retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class Endpoint:
    """One endpoint. Every error is a ServiceFaultError.

    `sleep` waits between tries; it may raise, which ends the waiting.
    """

    def __init__(
        self,
        access: EndpointAccess,
        *,
        sleep: Callable[[float], None] = time.sleep,
        patience_s: float = PATIENCE_S,
        client: httpx.Client | None = None,
    ) -> None:
        self._access = access
        self._client = client or httpx.Client(timeout=_TIMEOUT, headers=access.headers, follow_redirects=False)
        self._sleep = sleep
        self._patience_s = patience_s

    def with_patience(self, sleep: Callable[[float], None], patience_s: float) -> Self:
        """Return the same endpoint, with the same connections, that tries again for another time."""
        return type(self)(self._access, sleep=sleep, patience_s=patience_s, client=self._client)

    def without_key(self, text: Any) -> str:
        """Return a text of the service or a worker as one line, without the key."""
        return self._access.without_key(text)

    def close(self) -> None:
        self._client.close()

    def run(self, request: bytes) -> str:
        """Submit a job and return its identifier."""
        answer = self._call("POST", "run", request)
        if not answer.id or len(answer.id) > 200 or any(letter in answer.id for letter in "/?#% \n"):
            raise BadAnswerError("RunPod accepted a job without a usable identifier")
        return answer.id

    def stream(self, job_id: str) -> JobStatus:
        """Return what the job yielded since the last request; the service may wait for a value before it answers."""
        return self._call("GET", f"stream/{job_id}")

    def status(self, job_id: str) -> JobStatus:
        """Return the job's state; `output` is everything that it yielded, once it is complete."""
        return self._call("GET", f"status/{job_id}")

    def cancel(self, job_id: str) -> None:
        """End the job. A job that has ended or expired is no error."""
        try:
            self._call("POST", f"cancel/{job_id}")
        except JobGoneError:
            return

    def _call(self, method: str, operation: str, content: bytes | None = None) -> JobStatus:
        tries = Retrying(
            retry=retry_if_exception_type(_PassingError),
            wait=_pause,
            stop=stop_after_delay(self._patience_s),
            sleep=self._sleep,
            reraise=True,
        )
        return tries(self._once, method, operation, content)

    def _once(self, method: str, operation: str, content: bytes | None) -> JobStatus:
        headers = {} if content is None else {"Content-Type": "application/json"}
        try:
            with self._client.stream(
                method, f"{self._access.url}/{operation}", content=content, headers=headers
            ) as answer:
                if answer.is_success:
                    return _parsed(_body(answer))
                self._refuse(answer, operation.partition("/")[0])
        except httpx.HTTPError as error:
            # Its text names addresses and reasons, and never a header.
            raise _PassingError(f"RunPod cannot be reached: {self._access.without_key(_text(error))}") from None
        except httpx.InvalidURL:
            raise ServiceFaultError(
                f"RUNPOD_ENDPOINT_BASE_URL={self._access.base_url} is not a valid address", lasting=True
            ) from None
        raise AssertionError("_refuse always raises")

    def _refuse(self, answer: httpx.Response, operation: str) -> None:
        """Raise the error of an answer without success."""
        code = answer.status_code
        if code in (401, 403):
            raise ServiceFaultError(f"RunPod refuses the key (HTTP {code}): check RUNPOD_API_KEY", lasting=True)
        if code == 404 and operation == "run":
            raise ServiceFaultError(
                f"RunPod has no endpoint {self._access.endpoint_id} (HTTP 404): check runpod_endpoint_id", lasting=True
            )
        if code == 404:
            raise JobGoneError("RunPod does not know the job any more (HTTP 404): it expired")
        if code in (408, 425, 429) or code >= 500:
            what = "RunPod's rate limit is reached" if code == 429 else "RunPod failed"
            raise _PassingError(f"{what} (HTTP {code})", _retry_after(answer.headers.get("Retry-After")))
        text = self._access.without_key(_body(answer).decode(errors="replace"))
        raise ServiceFaultError(f"RunPod refused to {operation} (HTTP {code}): {text}")


def _pause(state: RetryCallState) -> float:
    """Return the seconds until the next try: Retry-After, or exponential with jitter."""
    assert state.outcome is not None
    error = state.outcome.exception()
    requested = error.retry_after_s if isinstance(error, _PassingError) else None
    return max(requested or 0.0, _BACKOFF(state))


def _retry_after(value: str | None) -> float | None:
    """Return the seconds of a Retry-After header, which is a number of seconds or a date; None if it is neither."""
    if not value:
        return None
    try:
        return min(max(float(value), 0.0), PATIENCE_S)
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    until = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max((until - datetime.now(UTC)).total_seconds(), 0.0), PATIENCE_S)


def _body(answer: httpx.Response) -> bytes:
    """Return the answer's body, of at most `LARGEST_ANSWER` bytes."""
    parts: list[bytes] = []
    size = 0
    for part in answer.iter_bytes():
        size += len(part)
        if size > LARGEST_ANSWER:
            raise BadAnswerError(f"RunPod's answer is larger than {LARGEST_ANSWER // 2**20} MiB")
        parts.append(part)
    return b"".join(parts)


def _parsed(body: bytes) -> JobStatus:
    try:
        return JobStatus.model_validate(json.loads(body))
    except (ValueError, RecursionError) as error:  # a ValidationError is a ValueError
        what = "not as documented" if isinstance(error, ValidationError) else "not JSON"
        raise _PassingError(f"RunPod's answer is {what}") from None


def _text(error: httpx.HTTPError) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__

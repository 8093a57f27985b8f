"""Errors of the service, named by what to do about them."""

from __future__ import annotations


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

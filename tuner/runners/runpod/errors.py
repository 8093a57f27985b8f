"""What can go wrong with the service, named by what is to be done about it."""

from __future__ import annotations


class ServiceFaultError(Exception):
    """The service did not run a trial: its text says why, in one line. The trial may train elsewhere.

    Args:
        lasting: Another try will not help until somebody mends something (a key, an endpoint).
    """

    def __init__(self, reason: str, *, lasting: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.lasting = lasting


class BadAnswerError(ServiceFaultError):
    """An answer is not what the service or the handler may say: malformed, too large, of another trial."""


class JobGoneError(ServiceFaultError):
    """The service knows the job no more: it expired, or its results did."""


class TimedOutError(Exception):
    """A trial trained for as long as it may: no fault of the service."""

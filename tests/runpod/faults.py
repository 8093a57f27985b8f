"""Everything that can go wrong between a client and RunPod, to be switched on by a test.

A fault meets the next `times` requests of an operation (run, status, stream, cancel, health, ...; None: all of them
until `clear`). It replaces the answer: before the operation was done, or after it (the client does not learn of its
success).
"""

from __future__ import annotations

from dataclasses import dataclass, field

LARGE_BYTES = 32 << 20


@dataclass
class Fault:
    """How one operation fails."""

    operation: str
    times: int | None = 1
    status: int | None = None
    """Answer with this HTTP status; None: see below."""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    """Answer with these bytes, whatever they are, as JSON."""
    drop: bool = False
    """Cut the connection without an answer."""
    delay_s: float = 0.0
    """Answer that much later."""
    after: bool = False
    """The operation is done before it fails."""

    @property
    def only_slow(self) -> bool:
        """Whether the operation is done and answered, only later."""
        return self.status is None and self.body is None and not self.drop


class Faults:
    """The faults that are switched on, the oldest first."""

    def __init__(self) -> None:
        self._on: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._on.append(fault)

    def clear(self) -> None:
        self._on.clear()

    def meet(self, operation: str) -> Fault | None:
        """The fault that this request meets, which is used up by it."""
        for fault in self._on:
            if fault.operation == operation:
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._on.remove(fault)
                return fault
        return None


def status(operation: str, code: int, times: int | None = 1, retry_after_s: float | None = None) -> Fault:
    """401, 429 (with Retry-After, in seconds), 500 and so on."""
    headers = {} if retry_after_s is None else {"Retry-After": f"{retry_after_s:g}"}
    return Fault(operation, times, status=code, headers=headers)


def drop(operation: str, times: int | None = 1, *, after: bool = False) -> Fault:
    """The connection breaks; with `after` once the operation was done."""
    return Fault(operation, times, drop=True, after=after)


def malformed(operation: str, times: int | None = 1, body: bytes = b'{"id": "half of an ans') -> Fault:
    """Something that is no JSON, or not the JSON that was asked for; the operation is done."""
    return Fault(operation, times, body=body, after=True)


def oversized(operation: str, times: int | None = 1, size: int = LARGE_BYTES) -> Fault:
    """Valid JSON of `size` bytes; the operation is done."""
    return Fault(operation, times, body=b'{"stream": [{"output": "' + b"x" * size + b'"}]}', after=True)


def slow(operation: str, delay_s: float, times: int | None = 1) -> Fault:
    """The right answer, later."""
    return Fault(operation, times, delay_s=delay_s)

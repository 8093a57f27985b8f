"""An event file of TensorBoard: values by name and step.

TensorBoard reads the files of a folder (a run) in the order of their names. A file that continues a run begins with the
step from which on the points of earlier files are void, so that none is shown twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from tensorboardX.event_file_writer import EventsWriter
from tensorboardX.proto.event_pb2 import Event, SessionLog
from tensorboardX.summary import histogram_raw, scalar


class EventFile:
    """A new file in the folder of a run. Not `SummaryWriter`, whose `flush` returns before all is on the disk.

    Args:
        number: Greater than that of every earlier file of the run; a part of the file's name.
        first_step: Points of earlier files with this step or a greater one are void.
    """

    def __init__(self, run: Path, number: int, first_step: int) -> None:
        run.mkdir(parents=True, exist_ok=True)
        self._writer = EventsWriter(str(run / "events"), f".{number:09d}")
        start = Event(step=first_step, session_log=SessionLog(status=SessionLog.START))
        self._writer.write_event(start)

    def add_scalar(self, name: str, value: float, step: int, time: datetime) -> None:
        self.add(scalar(name, value), step, time)

    def add_histogram(
        self, name: str, edges: Sequence[float], counts: Sequence[float], step: int, time: datetime
    ) -> None:
        """Add the counts of values between neighbouring edges, which rise; there is one edge more than counts."""
        middles = [(left + right) / 2 for left, right in pairwise(edges)]
        total = sum(count * middle for count, middle in zip(counts, middles, strict=True))
        squares = sum(count * middle**2 for count, middle in zip(counts, middles, strict=True))
        # A bucket is given by its upper edge; the first one begins at the least value.
        added = histogram_raw(name, edges[0], edges[-1], sum(counts), total, squares, edges[1:], counts)
        self.add(added, step, time)

    def add(self, summary: Any, step: int, time: datetime) -> None:
        self._writer.write_event(Event(step=step, wall_time=time.timestamp(), summary=summary))

    def flush(self) -> None:
        self._writer.flush()

    def close(self) -> None:
        self._writer.close()

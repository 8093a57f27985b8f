"""Animates the training of one trial as a GIF file, or as an MP4 file where ffmpeg is installed."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tuner.data import Array
from tuner.errors import FixInputError
from tuner.events import TrainingSummary
from tuner.plots.animation_frames import drawn_picture, frames
from tuner.plots.layer_values import some
from tuner.plots.style import Caption, nothing
from tuner.store import EpochRow

MOST_FRAMES = 60
MOST_BYTES = 1_000_000
ATTEMPTS = ((MOST_FRAMES, 100, 64), (MOST_FRAMES, 80, 32), (30, 80, 32), (15, 70, 16))
"""Pictures, dots per inch and colours of a GIF; the first that stays below `MOST_BYTES` is kept."""

LENGTH_S, LAST_S = 9.0, 3.0
"""Duration of all pictures together, and of the last one in addition."""

SHORTEST_S, LONGEST_S = 0.1, 0.8
"""Bounds of the duration of one picture."""

FFMPEG_LIMIT_S = 120


def animate(
    epochs: Sequence[EpochRow],
    summaries: Mapping[int, TrainingSummary],
    labels: Sequence[str],
    caption: Caption,
    file: Path,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Write the training of one trial to a `.gif` or `.mp4` file and return the file.

    At most 60 epochs are shown, the first and the last among them. A trial without an epoch has one picture that says
    so. `progress` gets the number of drawn pictures and of all; what it raises ends the work, and nothing is written.

    Raises FixInputError for another suffix, and for `.mp4` without ffmpeg.
    """
    if file.suffix not in (".gif", ".mp4"):
        raise FixInputError(f"{file.name} is neither a .gif nor a .mp4 file")
    if file.suffix == ".mp4" and not ffmpeg():
        raise FixInputError(
            "a .mp4 file needs ffmpeg, which is not installed", remedy="install it, or write a .gif file"
        )
    rows = sorted(epochs, key=lambda row: row.epoch)
    shown = some([row.epoch for row in rows], MOST_FRAMES)

    def drawn(count: int, dpi: int) -> Iterator[Array]:
        for done, picture in enumerate(_pictures(rows, some(shown, count), summaries, labels, caption, dpi), start=1):
            if progress is not None:
                progress(done, max(1, min(count, len(shown))))
            yield picture

    content = _mp4(drawn(MOST_FRAMES, ATTEMPTS[0][1])) if file.suffix == ".mp4" else _small_gif(drawn)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


def ffmpeg() -> str | None:
    """Path of the program that writes MP4 files; None: it is not installed."""
    return shutil.which("ffmpeg")


def _pictures(
    rows: Sequence[EpochRow],
    epochs: Sequence[int],
    summaries: Mapping[int, TrainingSummary],
    labels: Sequence[str],
    caption: Caption,
    dpi: int,
) -> Iterator[Array]:
    """Pictures of shape (height, width, 3), uint8, both sides even."""
    if rows:
        return frames(rows, epochs, summaries, labels, caption, dpi)
    figure = nothing("Animation of the training", "This trial ended before its first epoch was complete.", caption)
    return iter([drawn_picture(figure, dpi)])


def _small_gif(drawn: Callable[[int, int], Iterator[Array]]) -> bytes:
    """A GIF file below `MOST_BYTES`, with fewer dots, colours and pictures if it must be."""
    content = b""
    for count, dpi, colours in ATTEMPTS:
        content = _gif(drawn(count, dpi), colours)
        if len(content) < MOST_BYTES:
            break
    return content


def _gif(pictures: Iterable[Array], colours: int) -> bytes:
    """A GIF file that repeats without end. All pictures have the colours of the last one, so that nothing flickers."""
    from PIL import Image

    images = [Image.fromarray(picture) for picture in pictures]
    palette = images[-1].quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    first, *others = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]
    each_ms = round(1000 * _seconds(len(images)))
    durations = [each_ms] * len(others) + [each_ms + round(1000 * LAST_S)]
    with io.BytesIO() as file:
        first.save(file, format="GIF", save_all=True, append_images=others, duration=durations, loop=0, optimize=True)
        return file.getvalue()


def _mp4(pictures: Iterable[Array]) -> bytes:
    """An MP4 file (H.264) that every browser shows. The last picture stays for three seconds."""
    images = list(pictures)
    height, width = images[0].shape[:2]
    rate = 1 / _seconds(len(images))
    images += [images[-1]] * round(LAST_S * rate)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "animation.mp4"
        command = [
            ffmpeg() or "ffmpeg", "-loglevel", "error", "-y",
            "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", f"{rate:.6f}", "-i", "-",
            "-pix_fmt", "yuv420p", "-movflags", "+faststart", str(file),
        ]  # fmt: skip
        content = b"".join(image.tobytes() for image in images)
        try:
            subprocess.run(command, input=content, capture_output=True, check=True, timeout=FFMPEG_LIMIT_S)
        except subprocess.CalledProcessError as error:
            reason = error.stderr.decode(errors="replace").strip().splitlines()[-1:]
            raise FixInputError(f"ffmpeg failed: {''.join(reason)}", remedy="write a .gif file") from error
        return file.read_bytes()


def _seconds(pictures: int) -> float:
    """Duration of one picture."""
    return min(LONGEST_S, max(SHORTEST_S, LENGTH_S / pictures))

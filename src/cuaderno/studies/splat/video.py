"""Videos: the sharpest frames of one, evenly spread; and one written from pictures."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from cuaderno.lab.errors import CuadernoError

FRAMES = 60  # taken from a video
CANDIDATES = 5  # of which each is the sharpest
LARGEST = 8192 * 8192  # pixels of a frame that is decoded
LONGEST = 20 * 60  # seconds of a video that is read


def frames(path: Path) -> Iterator[tuple[str, np.ndarray]]:
    """The names and pixels of frames of a video, upright: as many as `FRAMES`, or what a short one has.

    Shapes:  (H, W, 3) uint8
    Raises:  CuadernoError when it is no video, or damaged before anything came of it.
    """
    import av

    try:
        with av.open(str(path)) as file:
            stream = next(iter(file.streams.video), None)
            if stream is None:
                raise CuadernoError(f"{path} has no moving pictures in it. Give a video, or a folder of photos.")
            if (stream.codec_context.width or 0) * (stream.codec_context.height or 0) > LARGEST:
                raise CuadernoError(f"{path} has frames that are too large. Save it with a smaller picture first.")
            stream.thread_type = "AUTO"
            yield from _sharpest(file.decode(stream), _seconds(file, stream), path)
    except av.error.FFmpegError as error:
        raise CuadernoError(
            f"{path} cannot be read as a video ({error.strerror}). Save it anew as MP4, or as a folder of photos."
        ) from None


def _seconds(file: Any, stream: Any) -> float:
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return file.duration / 1e6 if file.duration else 0.0


def _sharpest(decoded: Iterable[Any], seconds: float, path: Path) -> Iterator[tuple[str, np.ndarray]]:
    """The sharpest of some candidates out of each of `FRAMES` stretches of time."""
    if seconds > LONGEST:
        raise CuadernoError(
            f"{path} is {seconds / 60:.0f} minutes long. Cut out the minute that walks round the scene."
        )
    stretch = max(seconds / FRAMES, 1e-3)
    best, best_sharpness, number, due = None, -1.0, 0, 0.0
    for frame in decoded:
        time = frame.time or 0.0
        if best is not None and time >= (number + 1) * stretch:
            yield f"{best[0]:.2f} s", best[1]
            number, best, best_sharpness = max(number + 1, int(time / stretch)), None, -1.0
        if time < due:
            continue
        due = time + 0.9 * stretch / CANDIDATES
        pixels = np.rot90(frame.to_ndarray(format="rgb24"), round(getattr(frame, "rotation", 0) / 90) % 4)
        if (measured := _detail(pixels)) > best_sharpness:
            best, best_sharpness = (time, np.ascontiguousarray(pixels)), measured
    if best is not None:
        yield f"{best[0]:.2f} s", best[1]


def _detail(pixels: np.ndarray) -> float:
    """How steep the edges are, of every third row."""
    grey = pixels[::3, :, 1].astype(np.float32)
    return float((np.diff(grey, n=2, axis=1) ** 2).mean())


def write(path: Path, pictures: Iterable[np.ndarray], frames_per_second: int = 24) -> None:
    """Pictures (H, W, 3) uint8 as a video file in H.264, which every browser plays."""
    import av

    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as file:
        stream: Any = None
        for picture in pictures:
            even = np.ascontiguousarray(picture[: picture.shape[0] // 2 * 2, : picture.shape[1] // 2 * 2])
            if stream is None:
                stream = file.add_stream("libx264", rate=frames_per_second, options={"crf": "20"})
                stream.height, stream.width, stream.pix_fmt = even.shape[0], even.shape[1], "yuv420p"
                stream.thread_count = 1
            file.mux(stream.encode(av.VideoFrame.from_ndarray(even, format="rgb24")))
        if stream is not None:
            file.mux(stream.encode())

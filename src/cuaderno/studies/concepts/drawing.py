"""Still pictures: ink on a sheet, as SVG in the page's colours."""

import base64
import io
from collections.abc import Iterable, Sequence

import numpy as np
from PIL import Image


class Sheet:
    """A sheet with coordinates of its own, y upwards.

    Units:   x and y are the sheet's bounds, width and height pixels; sizes of pens and dots are pixels.
    """

    def __init__(self, x: tuple[float, float], y: tuple[float, float], width: int, height: int):
        self.x, self.y, self.width, self.height = x, y, width, height
        self.parts: list[str] = []

    def at(self, x: float, y: float) -> tuple[float, float]:
        """A place in pixels; far outside it stays where numbers are short."""
        across = (x - self.x[0]) / (self.x[1] - self.x[0]) * self.width
        down = (self.y[1] - y) / (self.y[1] - self.y[0]) * self.height
        return round(min(max(across, -999), 1999), 1), round(min(max(down, -999), 1999), 1)

    def line(self, places: Iterable[tuple[float, float]], ink: str, pen: float, more: str = "") -> None:
        text = " ".join(f"{x:g},{y:g}" for x, y in (self.at(*place) for place in places))
        self.parts.append(
            f'<polyline points="{text}" fill="none" stroke="{ink}" stroke-width="{pen:g}" stroke-linejoin="round" '
            f'stroke-linecap="round"{" " + more if more else ""}/>'
        )

    def dot(self, x: float, y: float, radius: float, ink: str, line: str = "none") -> None:
        (across, down) = self.at(x, y)
        self.parts.append(
            f'<circle cx="{across:g}" cy="{down:g}" r="{radius:g}" fill="{ink}" stroke="{line}" stroke-width="1.5"/>'
        )

    def cloud(self, places: Iterable[Sequence[float]], pen: float, ink: str) -> None:
        """Many small dots as one shape: a page has to carry it."""
        dots = "".join(f"M{x:g} {y:g}h0" for x, y in (self.at(*place) for place in places))
        self.parts.append(f'<path d="{dots}" stroke="{ink}" stroke-width="{pen:g}" stroke-linecap="round"/>')

    def ellipse(self, x: float, y: float, width: float, height: float, ink: str, pen: float) -> None:
        (across, down) = self.at(x, y)
        rx, ry = width / (self.x[1] - self.x[0]) * self.width, height / (self.y[1] - self.y[0]) * self.height
        self.parts.append(
            f'<ellipse cx="{across:g}" cy="{down:g}" rx="{rx:.1f}" ry="{ry:.1f}" fill="none" stroke="{ink}" '
            f'stroke-width="{pen:g}"/>'
        )

    def box(self, x: float, y: float, width: float, height: float, ink: str, strength: float = 1.0) -> None:
        """A box from its upper left corner on; width and height in the sheet's own units."""
        (across, down) = self.at(x, y)
        wide, high = width / abs(self.x[1] - self.x[0]) * self.width, height / abs(self.y[1] - self.y[0]) * self.height
        see = f' fill-opacity="{strength:.3g}"' if strength < 1 else ""
        self.parts.append(
            f'<rect x="{across:g}" y="{down:g}" width="{wide:.1f}" height="{high:.1f}" fill="{ink}"{see}/>'
        )

    def bitmap(self, x: float, y: float, width: float, height: float, pixels: np.ndarray) -> None:
        """Pixels, (3, H, W) from 0 to 1, as a picture from its upper left corner on; sizes in the sheet's units."""
        (across, down) = self.at(x, y)
        wide, high = width / abs(self.x[1] - self.x[0]) * self.width, height / abs(self.y[1] - self.y[0]) * self.height
        large = np.uint8(np.clip(pixels, 0, 1) * 255).transpose(1, 2, 0).repeat(6, axis=0).repeat(6, axis=1)
        file = io.BytesIO()
        Image.fromarray(large).quantize(64).save(file, "PNG", optimize=True)
        data = base64.b64encode(file.getvalue()).decode()
        box = f'x="{across:g}" y="{down:g}" width="{wide:.1f}" height="{high:.1f}"'
        self.parts.append(f'<image {box} href="data:image/png;base64,{data}"/>')

    def text(self, x: float, y: float, words: str, ink: str = "var(--ink)", size: int = 13, anchor: str = "middle"):
        (across, down) = self.at(x, y)
        self.parts.append(
            f'<text x="{across:g}" y="{down:g}" fill="{ink}" font-size="{size}" font-family="ui-monospace, monospace" '
            f'text-anchor="{anchor}">{words}</text>'
        )

    def svg(self) -> str:
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" role="img">\n'
            + "\n".join(self.parts)
            + "\n</svg>\n"
        )

"""What a scene is made of: soft, coloured ellipsoids, a few numbers each."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import write_atomic

LARGEST_DEGREE = 3
FIELDS = ("means", "scales", "rotations", "opacities", "sh")


@dataclass
class Splats:
    """N Gaussians in space, with the conventions of INRIA's code, so that its viewers read them.

    Shapes:  means (N, 3), scales (N, 3), rotations (N, 4), opacities (N,), sh (N, K, 3), K = (degree + 1)²; float32.
    Units:   scales are natural logarithms of standard deviations, opacities are logits, rotations (w, x, y, z) of any
             length; a colour is 0.5 + the sum over K of sh × basis, in [0, 1].
    Source:  Kerbl et al. 2023, arXiv:2308.04079.
    """

    means: np.ndarray
    scales: np.ndarray
    rotations: np.ndarray
    opacities: np.ndarray
    sh: np.ndarray

    def __len__(self) -> int:
        return len(self.means)

    @property
    def degree(self) -> int:
        """Of the spherical harmonics, 0 to 3: how finely a colour may depend on where one looks from."""
        return round(self.sh.shape[1] ** 0.5) - 1

    def chosen(self, which: np.ndarray) -> "Splats":
        """Some of them, by index or by a mask."""
        return Splats(*(getattr(self, name)[which] for name in FIELDS))

    def check(self) -> "Splats":
        """These splats, when they can be.

        Raises:  CuadernoError when shapes do not fit together, there are none, or a number is not finite.
        """
        count = len(self.means)
        wanted = {"means": (count, 3), "scales": (count, 3), "rotations": (count, 4), "opacities": (count,)}
        wanted["sh"] = (count, (self.degree + 1) ** 2, 3)
        for name, shape in wanted.items():
            value = getattr(self, name)
            if value.shape != shape:
                raise CuadernoError(f"These splats do not fit together: {name} is {value.shape} instead of {shape}.")
            if not np.isfinite(value).all():
                raise CuadernoError(f"These splats are damaged: a number in {name} is not finite.")
        if not count or not 0 <= self.degree <= LARGEST_DEGREE:
            raise CuadernoError(
                f"These are {count} splats of degree {self.degree}; at least one, of 0 to 3, is needed."
            )
        return self

    def save(self, path: Path) -> None:
        """Write them as a .safetensors file, whole or not at all."""
        from safetensors.numpy import save

        write_atomic(Path(path), save({name: np.ascontiguousarray(getattr(self, name)) for name in FIELDS}))

    @classmethod
    def load(cls, path: Path) -> "Splats":
        """Read what `save` wrote.

        Raises:  CuadernoError when the file is not there, damaged, or holds something else.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        try:
            found = load_file(path)
            return cls(*(found[name].astype(np.float32) for name in FIELDS)).check()
        except FileNotFoundError:
            raise CuadernoError(f"There is no file {path}, where splats should be.") from None
        except (OSError, SafetensorError, KeyError, IndexError) as error:
            raise CuadernoError(
                f"{path} holds no splats, or is damaged ({error}). Train or export them anew."
            ) from error

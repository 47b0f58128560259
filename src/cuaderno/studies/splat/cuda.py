"""The renderer on an NVIDIA GPU: gsplat, if it is installed and there is one.

Source:  Ye et al. 2024, arXiv:2409.06765; pip install 'cuaderno[splat-gpu]'.
Differs: covers up to 0.999 of what lies behind, where the others stop at 0.99.
"""

from importlib.util import find_spec

import torch
from torch import Tensor

from cuaderno.lab.errors import CuadernoError
from cuaderno.studies.splat.cameras import Camera

NEAR, BLUR = 0.05, 0.3


def missing() -> str:
    """Why there is no such renderer here; empty where there is."""
    if not torch.cuda.is_available():
        return "there is no NVIDIA GPU that torch can use"
    return "" if find_spec("gsplat") else "gsplat is not installed: pip install 'cuaderno[splat-gpu]'"


def render(given: dict[str, Tensor], camera: Camera, background: tuple[float, ...]) -> tuple[Tensor, Tensor, Tensor]:
    """Colour, coverage and depth of every pixel.  Shapes:  (H, W, 3), (H, W), (H, W)."""
    if why := missing():
        raise CuadernoError(f"The backend cuda cannot be used: {why}. Choose --backend cpu.")
    import gsplat

    place, number = given["means"].device, torch.float32
    lens = torch.tensor([[camera.fx, 0, camera.cx], [0, camera.fy, camera.cy], [0, 0, 1]], device=place, dtype=number)
    world = torch.tensor(camera.world_to_camera, device=place, dtype=number)
    image, alpha, _ = gsplat.rasterization(
        means=given["means"].contiguous(),
        quats=given["rotations"].contiguous(),
        scales=given["scales"].exp().contiguous(),
        opacities=given["opacities"].sigmoid().contiguous(),
        colors=given["sh"].contiguous(),
        viewmats=world[None],
        Ks=lens[None],
        width=camera.width,
        height=camera.height,
        near_plane=NEAR,
        eps2d=BLUR,
        sh_degree=round(given["sh"].shape[1] ** 0.5) - 1,
        render_mode="RGB+D",
    )
    colour, depth, cover = image[0, ..., :3], image[0, ..., 3], alpha[0, ..., 0]
    behind = torch.tensor(background, device=place, dtype=number)
    return colour + (1 - cover)[..., None] * behind, cover, depth

"""The fast renderers give the picture, and the gradients, of the plain one."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from cuaderno.lab.errors import CuadernoError
from cuaderno.studies.splat import compiled, cuda, judge, kernels, reference
from cuaderno.studies.splat.cameras import Camera
from cuaderno.studies.splat.learner import Learner, Rates, TensorLearner
from cuaderno.studies.splat.model import Table, columns
from cuaderno.studies.splat.painter import NO_EXPOSURE, Painter, Photo
from cuaderno.studies.splat.relocate import mend, relocate
from cuaderno.studies.splat.render import render, warm_up
from cuaderno.studies.splat.splats import FIELDS, Splats

BACKGROUND = (1.0, 0.5, 0.2)
CLOSE = 1e-5


def camera(width: int, height: int, angle: float = 0.3) -> Camera:
    """One that stands 3.5 in front of the middle of the world, and is a little askew."""
    cos, sin = np.cos(angle), np.sin(angle)
    matrix = np.array([[cos, 0, sin, 0.1], [0, 1, 0, -0.05], [-sin, 0, cos, 3.5], [0, 0, 0, 1]])
    return Camera("a", matrix, 45.0, 47.0, width / 2 + 0.3, height / 2 - 0.2, width, height)


def cloud(count: int, degree: int, seed: int) -> Splats:
    rng = np.random.default_rng(seed)

    def draw(*shape: int) -> np.ndarray:
        return rng.normal(size=shape).astype(np.float32)

    scales = draw(count, 3) * 0.4 - 1.7
    colours = draw(count, (degree + 1) ** 2, 3) * np.float32(0.3)
    return Splats(draw(count, 3) * np.float32(0.8), scales, draw(count, 4), draw(count) + np.float32(0.5), colours)


def behind(splats: Splats) -> None:
    splats.means[::2] -= np.float32([0, 0, 6])


def off_screen(splats: Splats) -> None:
    splats.means[::2] *= 4


def needles(splats: Splats) -> None:
    splats.scales[:] = np.float32([-0.5, -6, -6])
    splats.opacities[:] = 3


def opaque(splats: Splats) -> None:
    splats.opacities[:] = 9


def faint(splats: Splats) -> None:
    splats.opacities[:] = -4


def specks(splats: Splats) -> None:
    splats.scales -= 4


def huge(splats: Splats) -> None:
    splats.scales += 2
    splats.opacities -= 2


CASES = {
    "degree 0": (53, 37, 60, 0, None),
    "degree 1": (53, 37, 40, 1, None),
    "degree 2": (53, 37, 40, 2, None),
    "degree 3": (53, 37, 40, 3, None),
    "whole tiles": (32, 16, 40, 1, None),
    "one pixel": (1, 1, 40, 1, None),
    "one row": (40, 1, 40, 0, None),
    "one splat": (20, 20, 1, 3, None),
    "behind the camera": (40, 30, 40, 1, behind),
    "off screen": (40, 30, 40, 2, off_screen),
    "needles": (40, 30, 20, 1, needles),
    "opaque": (40, 30, 30, 0, opaque),
    "faint": (40, 30, 40, 0, faint),
    "huge": (40, 30, 20, 1, huge),
    "specks": (53, 37, 200, 0, specks),
}


def scene_of(case: str) -> tuple[Splats, Camera, np.ndarray]:
    width, height, count, degree, change = CASES[case]
    splats = cloud(count, degree, seed=len(case))
    if change:
        change(splats)
    photo = np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return splats, camera(width, height), photo


@pytest.fixture(scope="module")
def truth():
    """What the plain renderer says of a case: picture, coverage, depth, loss, and the gradient as a table has it."""
    known = {}

    def get(case: str):
        if case not in known:
            splats, view, photo = scene_of(case)
            given = reference.tensors(splats)
            image, alpha, depth = reference.render(given, view, BACKGROUND)
            loss = reference.loss(image, torch.tensor(photo / 255), 0.2)
            loss.backward()
            slope = columns(Splats(*(given[name].grad.numpy() for name in FIELDS)))
            known[case] = *(part.detach().numpy() for part in (image, alpha, depth, loss)), slope
        return known[case]

    return get


@pytest.mark.parametrize("case", CASES)
def test_picture_and_gradients_are_those_of_the_plain_renderer(case, truth):
    splats, view, photo = scene_of(case)
    image, alpha, depth, loss, slope = truth(case)
    painter = Painter()
    planes = painter.paint(Table.of(splats), view, np.float32(BACKGROUND))
    assert np.abs(planes[:3, : view.height, : view.width].transpose(1, 2, 0) - image).max() < CLOSE
    assert painter.compare(Photo(photo), 0.2)["loss"] == pytest.approx(loss, abs=1e-6)
    found = painter.gradients()[:, : len(splats)]
    assert np.isfinite(found).all()
    for rows in (slice(0, 3), slice(3, 6), slice(6, 10), slice(10, 11), slice(11, None)):
        size = np.linalg.norm(slope[rows])
        assert np.linalg.norm(found[rows] - slope[rows]) <= CLOSE * size + 1e-9, (case, rows)
    seen = render(splats, view, BACKGROUND)
    assert np.abs(seen.alpha - alpha).max() < CLOSE
    assert np.abs(seen.depth * seen.alpha - depth * (alpha > 1e-3)).max() < 1e-3


@pytest.mark.gpu
@pytest.mark.parametrize("case", [case for case in CASES if case != "opaque"])  # gsplat's may cover a little more
def test_gsplat_paints_the_same(case, truth):
    if why := cuda.missing():
        pytest.skip(why)
    splats, view, photo = scene_of(case)
    image, _, _, _, slope = truth(case)
    assert np.abs(render(splats, view, BACKGROUND, "cuda").colour - image).max() < 2e-3
    given = {name: value.detach().float().cuda().requires_grad_() for name, value in reference.tensors(splats).items()}
    painted, _, _ = cuda.render(given, view, BACKGROUND)
    reference.loss(painted, torch.tensor(photo / 255, device="cuda", dtype=torch.float32), 0.2).backward()
    found = columns(Splats(*(given[name].grad.cpu().numpy() for name in FIELDS)))
    assert np.linalg.norm(found - slope) <= 1e-3 * np.linalg.norm(slope) + 1e-7


def test_any_number_of_threads_gives_the_same_bits():
    splats, view, photo = scene_of("degree 2")
    results = []
    for threads in (1, 2, 3):
        painter = Painter(threads)
        planes = painter.paint(Table.of(splats), view, np.float32(BACKGROUND)).copy()
        loss = painter.compare(Photo(photo), 0.2)["loss"]
        results.append((planes, loss, painter.gradients()))
    for planes, loss, slope in results[1:]:
        assert (planes == results[0][0]).all() and loss == results[0][1] and (slope == results[0][2]).all()


def test_exposure_and_masks_have_their_part_in_the_loss():
    """Gains and offsets get torch's gradients; pixels that do not count give none."""
    splats, view, photo = scene_of("degree 1")
    mask = np.ones(photo.shape[:2], bool)
    mask[10:20, 5:30] = False
    exposure = np.float32([1.1, 0.9, 1.0, 0.02, -0.01, 0.03])
    given, light = reference.tensors(splats), torch.tensor(exposure, dtype=torch.float64, requires_grad=True)
    image, _, _ = reference.render(given, view, BACKGROUND)
    counts = torch.tensor(mask)[..., None]
    reference.loss((image * light[:3] + light[3:]) * counts, torch.tensor(photo / 255) * counts, 0.2).backward()
    slope = columns(Splats(*(given[name].grad.numpy() for name in FIELDS)))
    painter = Painter(2)
    painter.paint(Table.of(splats), view, np.float32(BACKGROUND))
    found = painter.compare(Photo(photo, mask), 0.2, exposure)
    assert np.allclose(found["by_exposure"], light.grad.numpy(), rtol=1e-4, atol=1e-7)
    assert np.linalg.norm(painter.gradients()[:, : len(splats)] - slope) <= CLOSE * np.linalg.norm(slope)


def test_what_a_training_judges_by_is_what_it_learns_by():
    rng = np.random.default_rng(0)
    photo = rng.integers(0, 256, (30, 21, 3), dtype=np.uint8)
    painted = np.clip(photo / 255 + rng.normal(0, 0.1, photo.shape), 0, 1)
    psnr, ssim = judge.judged(painted, photo)
    assert psnr == pytest.approx(-10 * np.log10(((painted - photo / 255) ** 2).mean()))
    assert ssim == pytest.approx(float(reference.ssim(torch.tensor(painted), torch.tensor(photo / 255))), abs=1e-9)
    half = np.arange(30)[:, None] < np.full(21, 15)
    spoilt = np.where(half[..., None], painted, 1 - painted)
    assert judge.judged(spoilt, photo, half)[0] == pytest.approx(
        -10 * np.log10(((painted - photo / 255)[half] ** 2).mean())
    )


def test_depth_and_normals_of_a_wall():
    """A disc that faces the camera at a known distance."""
    matrix = np.eye(4)
    view = Camera("a", matrix, 30.0, 30.0, 16.0, 16.0, 32, 32)
    one = np.zeros((1, 3), np.float32)
    wall = Splats(
        one + np.float32([0, 0, 5]),
        np.log(np.float32([[3, 3, 0.01]])),
        np.float32([[1, 0, 0, 0]]),
        np.float32([4]),
        np.ones((1, 1, 3), np.float32),
    )
    seen = render(wall, view, with_normals=True)
    assert np.allclose(seen.depth, 5, atol=1e-4) and np.allclose(seen.normal, [0, 0, -1], atol=1e-4)
    nothing = render(wall, view.scaled(0.5), backend="reference")
    assert nothing.normal is None and np.allclose(nothing.depth, 5, atol=1e-4)


def test_one_step_through_torch_is_one_step_of_the_kernels():
    splats, view, photo = scene_of("degree 1")
    rates = Rates(1e-3, 1e-2, 2e-3, 5e-2, 1e-2, 1e-3, 0.01, 0.01)
    learners = (
        Learner(Table.of(splats)),
        TensorLearner(Table.of(splats), reference.render, torch.device("cpu"), torch.float64),
    )
    moved = []
    for learner in learners:
        for number in (1, 2):
            found = learner.step(number, view, Photo(photo), np.float32(BACKGROUND), NO_EXPOSURE, 1, rates, 0.2)
        learner.fetch()
        moved.append((learner.table.rows.copy(), found["loss"], found["ssim"], found["square"]))
    assert moved[0][1:] == pytest.approx(moved[1][1:], abs=1e-5)
    apart = np.abs(moved[0][0] - moved[1][0]) > 1e-4  # where a gradient is almost nothing, Adam takes its sign
    assert apart.mean() < 0.02


def test_splats_that_move_share_the_work_of_others():
    """Two in place of one look as the one did; faint ones are moved, and never are there more than the budget."""
    splats = cloud(60, 1, 3)
    splats.opacities[:20] = -9
    table, view = Table.of(splats, capacity=96), camera(48, 32)
    before = render(table, view).colour
    changed = relocate(table, 75, np.ones(table.stride, np.float32), np.random.default_rng(0))
    assert table.count == 75 and set(range(20)) <= set(changed.tolist())
    assert (table.rows[10, :75] > -5.3).all()
    assert np.abs(render(table, view).colour - before).mean() < 0.03
    relocate(table, 10_000, np.ones(table.stride, np.float32), np.random.default_rng(1))
    assert table.count <= 96
    assert len(relocate(table, 10_000, np.zeros(table.stride, np.float32), np.random.default_rng(1))) == 0


def test_what_is_no_number_is_never_kept():
    table = Table.of(cloud(30, 1, 0))
    table.rows[2, 4], table.rows[12, 7] = np.nan, np.inf
    wild = Table.of(table.splats)
    for row in range(len(wild.rows)):
        wild.rows[row, row] = (np.nan, np.inf, -np.inf, 3e38)[row % 4]
    painted = Painter().paint(wild, camera(20, 20), np.float32(BACKGROUND))
    assert painted.shape == (4, 32, 32) and np.isfinite(painted).all(), "what cannot be is not painted"
    assert mend(table) == 2 and np.isfinite(table.rows).all()
    assert np.isfinite(render(table, camera(20, 20)).colour).all()
    assert table.splats.check()


def test_splats_are_read_as_they_were_written(tmp_path):
    splats = cloud(5, 3, 0)
    splats.save(tmp_path / "a.safetensors")
    again = Splats.load(tmp_path / "a.safetensors")
    assert again.degree == 3 and all((getattr(again, name) == getattr(splats, name)).all() for name in FIELDS)
    assert len(again.chosen(again.opacities > -100)) == 5
    (tmp_path / "b.safetensors").write_bytes((tmp_path / "a.safetensors").read_bytes()[:-9])
    for name in ("b", "c"):
        with pytest.raises(CuadernoError, match="safetensors"):
            Splats.load(tmp_path / f"{name}.safetensors")
    splats.means[0, 0] = np.nan
    with pytest.raises(CuadernoError, match="not finite"):
        splats.check()
    with pytest.raises(CuadernoError, match="do not fit"):
        Splats(*(getattr(again, name)[: 3 if name == "sh" else 5] for name in FIELDS)).check()


def test_a_backend_that_is_not_there_is_told():
    splats, view, _ = scene_of("one pixel")
    with pytest.raises(CuadernoError, match="Known: cpu, cuda, reference"):
        render(splats, view, backend="vulkan")
    if why := cuda.missing():
        with pytest.raises(CuadernoError) as told:
            render(splats, view, backend="cuda")
        assert why in str(told.value)


def test_compiling_is_announced_once(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(compiled, "folder", lambda: tmp_path / "new")
    calls = []
    compiled.compile_all(lambda: calls.append(warm_up(Painter())))
    compiled.compile_all(lambda: calls.append(1))
    assert len(calls) == 1 and capsys.readouterr().err.count("compiles the renderer") == 1


def test_bounds_are_the_same_in_both_renderers():
    """Where one stops to look, the other does."""
    for name in ("NEAR", "BLUR", "FAINTEST", "OPAQUE"):
        assert float(getattr(kernels, name)) == pytest.approx(getattr(reference, name)), name


def test_the_words_of_gsplat_are_those_that_it_has():
    """What `cuda.render` gives to gsplat and takes from it, with a stand-in that paints as the plain renderer does."""
    splats, view, _ = scene_of("degree 2")
    given = {name: value.detach() for name, value in reference.tensors(splats).items()}
    truth = reference.render(given, view, BACKGROUND)
    told = {}

    def rasterization(means, quats, scales, opacities, colors, viewmats, Ks, width, height, **rest):
        told.update(rest)
        assert viewmats.shape == (1, 4, 4) and Ks.shape == (1, 3, 3) and colors.shape[1] == 9
        assert (scales > 0).all() and ((opacities > 0) & (opacities < 1)).all() and (width, height) == (53, 37)
        colour, alpha, depth = reference.render(given, view, (0.0, 0.0, 0.0))
        return torch.cat([colour, depth[..., None]], dim=-1)[None], alpha[None, ..., None], {}

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "gsplat", SimpleNamespace(rasterization=rasterization))
        patch.setattr(cuda, "missing", lambda: "")
        painted = cuda.render(given, view, BACKGROUND)
    assert told == {"near_plane": 0.05, "eps2d": 0.3, "sh_degree": 2, "render_mode": "RGB+D"}
    assert all(torch.allclose(one, other, atol=1e-6) for one, other in zip(painted, truth, strict=True))

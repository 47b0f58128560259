"""Mazes drawn in many hands, read back square by square."""

import io
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from cuaderno.lab.errors import CuadernoError
from cuaderno.studies.maze import data, pictures

GREEN, RED, BLUE = (0, 160, 0), (220, 20, 20), (30, 80, 240)
WHITE, BLACK = (255, 255, 255), (0, 0, 0)
quick = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def perfect(rows=7, columns=9, seed=1, kind="dfs"):
    """A maze of cells with its border, start and goal in cells."""
    maze = data.generate(kind, 2 * rows - 1, 2 * columns - 1, seed=seed)
    ends = [(row + 1 - row % 2, column + 1 - column % 2) for row, column in (maze.start, maze.goal)]
    if ends[0] == ends[1]:
        ends = [(1, 1), (2 * rows - 1, 2 * columns - 1)]
    return data.Maze(np.pad(maze.open, 1), *ends)


def paint(maze, wall=10, way=10, floor=WHITE, ink=BLACK, marks=(GREEN, RED), margin=0, page=WHITE, mode="RGB"):
    """As somebody with a for loop draws it: odd squares `way` pixels wide, even ones `wall` pixels."""
    sizes = [[way if i % 2 else wall for i in range(side)] for side in maze.open.shape]
    pixels = np.repeat(np.repeat(maze.open, sizes[0], axis=0), sizes[1], axis=1)
    image = Image.fromarray(np.where(pixels[..., None], np.uint8(floor), np.uint8(ink)))
    draw = ImageDraw.Draw(image)
    top, left = (np.concatenate([[0], np.cumsum(side)]).tolist() for side in sizes)
    for (row, column), colour in zip((maze.start, maze.goal), marks or (), strict=False):
        draw.rectangle((left[column], top[row], left[column + 1] - 1, top[row + 1] - 1), fill=colour)
    return ImageOps.expand(image, margin, fill=page).convert(mode)


def same(one, other):
    return np.array_equal(one.open, other.open) and (one.start, one.goal) == (other.start, other.goal)


def jpeg(image, quality):
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file)


@settings(quick, max_examples=14)
@given(
    kind=st.sampled_from(data.KINDS[:4]),
    height=st.integers(5, 40),
    width=st.integers(5, 40),
    seed=st.integers(0, 10**6),
    ending=st.sampled_from(["txt", "svg", "png", "webp", "gif", "bmp", "jpg"]),
    with_route=st.booleans(),
)
def test_what_we_write_we_read(tmp_path_factory, kind, height, width, seed, ending, with_route):
    maze = data.generate(kind, height, width, 0.1, seed)
    path = tmp_path_factory.mktemp("out") / f"maze.{ending}"
    route = [(int(r), int(c)) for r, c in shortest(maze)] if with_route else None
    pictures.write(maze, path, route)
    assert same(pictures.read(path), maze)


def shortest(maze):
    distance, place = data.distances(maze.open, maze.goal), maze.start
    while True:
        yield place
        if place == maze.goal:
            return
        around = [(place[0] + int(down), place[1] + int(right)) for down, right in data.MOVES]
        inside = [p for p in around if 0 <= p[0] < maze.open.shape[0] and 0 <= p[1] < maze.open.shape[1]]
        place = next(p for p in inside if distance[p] == distance[place] - 1)


@quick
@given(
    rows=st.integers(4, 14),
    columns=st.integers(4, 14),
    seed=st.integers(0, 10**6),
    size=st.sampled_from([(10, 10), (1, 1), (3, 3), (16, 16), (1, 10), (1, 16), (2, 16), (3, 30), (2, 23), (5, 15)]),
    margin=st.sampled_from([0, 1, 7, 30]),
    inverted=st.booleans(),
)
def test_strangers_mazes_of_cells(rows, columns, seed, size, margin, inverted):
    maze = perfect(rows, columns, seed)
    floor, ink = (BLACK, WHITE) if inverted else (WHITE, BLACK)
    assert same(pictures.from_image(paint(maze, *size, floor, ink, margin=margin, page=floor)), maze)


@quick
@given(seed=st.integers(0, 10**6), size=st.sampled_from([1, 2, 5, 10, 16]))
def test_a_field_of_random_walls_without_a_border(seed, size):
    maze = data.generate("hard", 30, 30, seed=seed)
    assert same(pictures.from_image(paint(maze, size, size)), maze)


def scattered(height, width, density, border, seed):
    """A field of scattered walls with a way through it: as many of them as leave one."""
    rng = np.random.default_rng(seed)
    while True:
        squares = rng.random((height, width)) >= density
        if border:
            squares[[0, -1]] = squares[:, [0, -1]] = False
        start, goal = (1, 1), (height - 2, width - 2)
        squares[start] = squares[goal] = True
        if data.distances(squares, goal)[start] >= 0:
            return data.Maze(squares, start, goal)
        density *= 0.95


@settings(quick, max_examples=20)
@given(
    height=st.integers(5, 60),
    width=st.integers(5, 60),
    density=st.sampled_from([0.0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.45]),
    border=st.booleans(),
    seed=st.integers(0, 10**6),
    ending=st.sampled_from(["png", "svg"]),
)
def test_what_we_write_we_read_with_any_share_of_walls(tmp_path_factory, height, width, density, border, seed, ending):
    maze = scattered(height, width, density, border, seed)
    path = tmp_path_factory.mktemp("out") / f"maze.{ending}"
    pictures.write(maze, path)
    assert same(pictures.read(path), maze)


@quick
@given(
    height=st.integers(7, 35),
    width=st.integers(7, 35),
    density=st.sampled_from([0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25]),
    size=st.integers(6, 20),
    margin=st.sampled_from([0, 9]),
    seed=st.integers(0, 10**6),
)
def test_a_field_of_random_walls_with_a_border(height, width, density, size, margin, seed):
    maze = scattered(height, width, density, True, seed)
    assert same(pictures.from_image(paint(maze, size, size, margin=margin)), maze)


@pytest.mark.parametrize("wall, way", [(12, 4), (15, 5), (18, 6), (20, 5), (3, 1), (2, 1), (1, 8), (2, 18), (7, 13)])
def test_walls_of_any_thickness(wall, way):
    for seed in range(3):
        maze = perfect(9 - seed, 9, seed)
        assert same(pictures.from_image(paint(maze, wall, way)), maze)


@quick
@given(
    seed=st.integers(0, 10**6),
    size=st.sampled_from([(10, 10), (2, 16), (3, 20), (4, 12)]),
    quality=st.integers(60, 95),
    margin=st.sampled_from([0, 8]),
)
def test_jpeg_noise(seed, size, quality, margin):
    maze = perfect(seed=seed)
    assert same(pictures.from_image(jpeg(paint(maze, *size, margin=margin), quality)), maze)


@pytest.mark.parametrize("size", [(10, 10), (2, 16), (3, 21)])
@pytest.mark.parametrize(
    "change",
    [
        lambda image: image.filter(ImageFilter.GaussianBlur(0.9)),
        lambda image: image.resize((int(image.width * 1.37), int(image.height * 1.37)), Image.Resampling.BICUBIC),
        lambda image: image.resize((int(image.width * 0.83), int(image.height * 0.83)), Image.Resampling.LANCZOS),
        lambda image: image.convert("RGBA"),
        lambda image: image.convert("CMYK"),
        lambda image: image.quantize(32),
        lambda image: ImageOps.expand(image, (3, 20, 45, 0), fill=(200, 220, 240)),
    ],
)
def test_pictures_that_went_through_something(size, change):
    maze = perfect(8, 6)
    assert same(pictures.from_image(change(paint(maze, *size, margin=12))), maze)


@pytest.mark.parametrize(
    "floor, ink", [((230, 230, 230), (90, 90, 90)), ((253, 231, 37), (68, 1, 84)), (WHITE, (20, 60, 120))]
)
def test_other_colours_than_black_and_white(floor, ink):
    maze = perfect()
    marks = (GREEN, RED)
    assert same(pictures.from_image(paint(maze, 2, 14, floor, ink, marks, margin=9, page=floor)), maze)


def test_transparent_floor_and_transparent_margin():
    maze = perfect()
    for ink in (BLACK, WHITE):
        pixels = np.asarray(paint(maze, 2, 16, (10, 20, 30), ink, margin=5, page=(10, 20, 30), mode="RGBA")).copy()
        pixels[(pixels[..., :3] == (10, 20, 30)).all(axis=-1)] = 0
        assert same(pictures.from_image(Image.fromarray(pixels)), maze)


def test_sixteen_bits_and_openings(tmp_path):
    maze = perfect()
    maze.open[0, 3] = maze.open[-1, 7] = True
    grey = np.asarray(paint(maze, 2, 16, marks=None, mode="L")).astype(np.uint16) * 200 + 1000
    Image.fromarray(grey).save(tmp_path / "deep.png")
    found = pictures.read(tmp_path / "deep.png")
    assert np.array_equal(found.open, maze.open)
    assert (found.start, found.goal) == ((0, 3), (14, 7))


def test_exif_orientation(tmp_path):
    maze = perfect(5, 8)
    exif = Image.Exif()
    exif[0x0112] = 6  # held sideways: turn by 90 degrees to the right
    paint(maze, 10, 10).transpose(Image.Transpose.ROTATE_90).save(tmp_path / "phone.jpg", exif=exif, quality=95)
    assert same(pictures.read(tmp_path / "phone.jpg"), maze)


def test_lines_drawn_with_a_pen_and_soft_edges():
    maze, pitch, fine = perfect(9, 7), 15, 4
    image = Image.new("RGB", (fine * (7 * pitch + 20), fine * (9 * pitch + 20)), "white")
    draw = ImageDraw.Draw(image)
    for row, column in np.argwhere(~maze.open):
        x, y = (fine * (10.3 + pitch * (place // 2)) for place in (column, row))
        if row % 2:
            draw.line((x, y, x, y + fine * pitch), fill="black", width=6)
        elif column % 2:
            draw.line((x, y, x + fine * pitch, y), fill="black", width=6)
    for (row, column), colour in ((maze.start, BLUE), (maze.goal, RED)):
        x, y = (fine * (10.3 + pitch * (place // 2 + 0.5)) for place in (column, row))
        draw.ellipse((x - 14, y - 14, x + 14, y + 14), fill=colour)
    small = image.resize((image.width // fine, image.height // fine), Image.Resampling.LANCZOS)
    assert same(pictures.from_image(small), maze)


def test_a_grid_drawn_over_the_squares_does_not_matter():
    maze = data.generate("walls", 12, 15, seed=5)
    image = paint(maze, 20, 20)
    draw = ImageDraw.Draw(image)
    for i in range(0, 400, 20):
        draw.line((i, 0, i, image.height), fill=(128, 128, 128))
        draw.line((0, i, image.width, i), fill=(128, 128, 128))
    assert same(pictures.from_image(image), maze)


@pytest.mark.parametrize(
    "marks, swapped",
    [((GREEN, RED), False), ((BLUE, RED), False), ((GREEN, BLUE), False), ((RED, GREEN), True), ((RED, RED), None)],
)
def test_which_mark_is_the_start(marks, swapped):
    maze = perfect(6, 6)
    first, last = sorted([maze.start, maze.goal])
    found = pictures.from_image(paint(data.Maze(maze.open, first, last), 10, 10, marks=marks))
    assert (found.start, found.goal) == ((last, first) if swapped else (first, last))


def test_the_largest_maze_fits():
    maze = data.generate("kruskal", 801, 801, seed=1)
    assert same(pictures.from_image(paint(maze, 2, 2)), maze)


TEXTS = {
    "hashes": "#####\n#S.G#\n#####",
    "windows": "\ufeff#####\r\n#s.g#\r\n#####\r\n\r\n",
    "blocks": "█████\n█A B█\n█████",
    "letters": "XXXXX\nXa_eX\nXXXXX",
    "ragged": "#####  \n#S F#\n#####\n  \n\n",
    "plus": "+--+--+\n|S  G |\n+--+--+",
    "plus, wide": "+---+---+\n| S   G |\n+---+---+",
    "openings": "#####\n ·· \n#####",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_text(text, tmp_path):
    (tmp_path / "maze.txt").write_bytes(text.encode())
    maze = pictures.read(tmp_path / "maze.txt")
    assert maze.start == ((1, 1) if "·" not in text else (1, 0))
    assert maze.goal == ((1, 3) if "·" not in text else (1, 4))
    assert same(pictures.from_text(pictures.to_text(maze)), maze)


MATTERS = {
    "two openings": "#####\n#...#\n#####",
    "only one opening": "#####\n#....\n#####",
    "no goal": "#####\n#S..#\n#####",
    "2 starts": "#####\n#SSG#\n#####",
    "no way": "#####\n#S#G#\n#####",
    "means nothing": "#####\n#S?G#\n#####",
    "single square": "S",
    "empty": "\n\n  \n",
    "larger than": "." * 5000,
    "corners": "+--+---+\n|S   G |\n+--+---+",
}


@pytest.mark.parametrize("words, text", MATTERS.items(), ids=MATTERS.keys())
def test_text_that_is_no_maze(words, text):
    with pytest.raises(CuadernoError, match="no goal: no|." if words in ("single square",) else words):
        pictures.from_text(text)


def test_pictures_that_are_no_maze():
    maze = perfect()
    with pytest.raises(CuadernoError, match="no start and no goal"):
        pictures.from_image(paint(maze, marks=None))
    with pytest.raises(CuadernoError, match="only one mark"):
        pictures.from_image(paint(maze, marks=(GREEN,)))
    closed = data.Maze(maze.open.copy(), maze.start, maze.goal)
    row, column = maze.start
    for down, right in data.MOVES:
        closed.open[row + down, column + right] = False
    for size in ((10, 10), (2, 16)):
        with pytest.raises(CuadernoError, match="no way"):
            pictures.from_image(paint(closed, *size))
    for image in (Image.new("RGB", (50, 50), "red"), Image.effect_noise((300, 200), 60), Image.linear_gradient("L")):
        with pytest.raises(CuadernoError, match="No grid"):
            pictures.from_image(image)


def png(width, height):
    """A PNG that promises width x height pixels and holds none."""
    chunk = b"IHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    return b"\x89PNG\r\n\x1a\n" + (13).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")


HOSTILE = {
    "bomb": png(100_000, 100_000),
    "too large": png(14_000, 14_000),
    "cut short": png(100, 100),
    "no picture": bytes(range(256)),
    "zeros": bytes(100),
    "laughs": b'<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><svg viewBox="0 0 9 9"><title>&b;</title></svg>',
    "no size": b"<svg><rect width='3' height='3'/></svg>",
    "huge": b"<svg viewBox='0 0 9 9'><rect width='1e999' height='3'/></svg>",
    "curves": b"<svg viewBox='0 0 9 9'><path d='M0 0C1 1 2 2 3 3'/></svg>",
    "words": b"<svg viewBox='0 0 9 9'><text>hello</text></svg>",
    "unclosed": b"<svg viewBox='0 0 9 9'><g>",
    "thin": b"<svg viewBox='0 0 1e6 1'><rect width='1' height='1'/></svg>",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_files_get_a_clear_answer(content, tmp_path):
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(CuadernoError, match="cannot be read"):
        pictures.read(tmp_path / "file")


def test_files_that_are_not_there(tmp_path):
    for path in (tmp_path, tmp_path / "none.png"):
        with pytest.raises(CuadernoError, match="cannot be read"):
            pictures.read(path)


@quick
@given(data=st.data())
def test_damaged_files_raise_nothing_else(tmp_path_factory, data):
    image, file = paint(perfect(4, 4)), io.BytesIO()
    image.save(file, data.draw(st.sampled_from(["PNG", "JPEG", "GIF", "BMP", "WEBP"])))
    content = bytearray(data.draw(st.sampled_from([file.getvalue(), pictures.to_svg(perfect(3, 3)).encode()])))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("damaged") / "file"
    path.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    try:
        pictures.read(path)
    except CuadernoError as error:
        assert len(str(error)) > 20


@quick
@given(st.one_of(st.binary(max_size=300), st.text(alphabet="#.SG +-|\n\t", max_size=120).map(str.encode)))
def test_any_bytes_raise_nothing_else(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("any") / "file"
    path.write_bytes(content)
    try:
        maze = pictures.read(path)
    except CuadernoError:
        return
    assert data.shortest_length(maze) > 0


@quick
@given(
    pixels=st.tuples(st.integers(1, 24), st.integers(1, 24)),
    seed=st.integers(0, 10**6),
    colours=st.integers(1, 5),
)
def test_any_pixels_raise_nothing_else(pixels, seed, colours):
    rng = np.random.default_rng(seed)
    palette = rng.integers(0, 256, (colours, 3)).astype(np.uint8)
    image = Image.fromarray(palette[rng.integers(0, colours, pixels)])
    try:
        pictures.from_image(image.resize((image.width * 3, image.height * 3), Image.Resampling.NEAREST))
    except CuadernoError as error:
        assert str(error)


def test_a_title_and_tick_marks_outside_the_border():
    maze = perfect(10, 12)
    picture = paint(maze, 2, 18)
    image = ImageOps.expand(picture, 40, fill=WHITE)
    draw = ImageDraw.Draw(image)
    draw.text((60, 10), "My maze, Figure 3", fill="black")
    for i in range(5):
        draw.line((34, 60 + 30 * i, 39, 60 + 30 * i), fill="black")
        draw.text((12, 54 + 30 * i), str(i), fill="black")
    assert same(pictures.from_image(image), maze)


def test_an_svg_of_lines_from_another_program():
    maze = perfect(6, 8)
    maze.open[0, 3] = maze.open[-1, 9] = True
    lines = []
    for row, column in np.argwhere(~maze.open):
        x, y = 2 + 16 * (column // 2), 2 + 16 * (row // 2)
        if row % 2:
            lines.append(f'<line x1="{x}" y1="{y}" x2="{x}" y2="{y + 16}" />')
        elif column % 2:
            lines.append(f'<path d="M {x} {y} h 16" />')
    text = f"""<?xml version="1.0" encoding="utf-8" standalone="no"?>
    <!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
    <svg width="132" height="100" version="1.1" xmlns="http://www.w3.org/2000/svg">
    <title>6 by 8 maze</title>
    <g fill="none" stroke="#000000" stroke-width="2" stroke-linecap="square">{"".join(lines)}</g></svg>"""
    found = pictures.from_svg(text.encode())
    assert np.array_equal(found.open, maze.open)
    assert (found.start, found.goal) == ((0, 3), (12, 9))

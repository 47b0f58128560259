"""A diary to import into, and small sites of each kind to import from."""

from pathlib import Path

import pytest
from PIL import Image

from cuaderno.diary.importing.arriving import arrive
from cuaderno.diary.importing.finding import find
from cuaderno.diary.settings import Settings
from cuaderno.site.posters import safe_svg

SETTINGS = Settings({}, {}, {})


@pytest.fixture
def site(tmp_path):
    """Write the files of a site: texts, bytes, or None for a small picture."""

    def site(files: dict[str, str | bytes | None]) -> Path:
        root = tmp_path / "site"
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                Image.new("RGB", (4, 3), "#1d4ed8").save(path)
            else:
                path.write_bytes(content.encode() if isinstance(content, str) else content)
        return root

    return site


@pytest.fixture
def diary(tmp_path):
    folder = tmp_path / "diary"
    folder.mkdir()
    (folder / "cuaderno.toml").write_text('title = "Mine"\nurl = "https://ada.example/"\n')
    return folder


@pytest.fixture
def bring(diary):
    """What arrives from somewhere, by the name of the post, and what does not, by the name of its file."""

    def bring(*paths: Path, **options):
        arrivals, refused = arrive(
            find(list(paths)), diary, SETTINGS, lambda text, alt: safe_svg(text, alt, standalone=True), **options
        )
        return {one.name: one for one in arrivals}, {one.path.name: one for one in refused}

    return bring

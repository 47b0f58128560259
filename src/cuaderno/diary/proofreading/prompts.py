"""The prompt that a chat model corrects with: public, the diary's own when it has one, and kept when it was used."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cuaderno.lab.errors import CuadernoError
from cuaderno.lab.files import disk_errors, write_atomic

HERE = Path(__file__).parent
FOLDER, USED = "prompts", "used"
# What a model is told whose answer cannot be read; the page about correction shows it too.
AGAIN = {
    "en": "That was not JSON. Answer with the JSON list only, with nothing before or after it.",
    "es": "Eso no era JSON. Contesta solo con la lista en JSON, sin nada antes ni después.",
}
KEPT = re.compile(r"proofread-([a-z]{2})-([0-9a-f]+)\.md")


@dataclass(frozen=True)
class Prompt:
    """A prompt and the language of the texts it is for. `path` is its file."""

    text: str
    lang: str
    path: Path

    @property
    def digest(self) -> str:
        """A mark that a record names it by."""
        return hashlib.blake2b(" ".join(self.text.split()).encode(errors="replace"), digest_size=6).hexdigest()


def read_prompt(diary: Path, lang: str) -> Prompt:
    """The diary's `prompts/proofread.LANG.md` or `prompts/proofread.md`, else the one that Cuaderno comes with.

    Raises:  CuadernoError when the diary's own cannot be read or is empty.
    """
    own = [diary / FOLDER / name for name in (f"proofread.{lang}.md", "proofread.md")]
    path = next((path for path in own if path.is_file()), HERE / f"prompt.{lang}.md")
    try:
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CuadernoError(f"{path} cannot be read: {error}. Save it as UTF-8, or take it away to use ours.") from None
    if not text:
        raise CuadernoError(f"{path} is empty. Write a prompt into it, or take it away to use the one we come with.")
    return Prompt(text, lang, path)


def keep_used(diary: Path, prompt: Prompt) -> None:
    """Keep a prompt that a post was corrected with, so that it stays public when it is changed later."""
    path = diary / FOLDER / USED / f"proofread-{prompt.lang}-{prompt.digest}.md"
    if not path.is_file():
        with disk_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, prompt.text + "\n")


def used_prompts(diary: Path) -> Iterator[Prompt]:
    """Every prompt that was ever used, in a fixed order."""
    folder = diary / FOLDER / USED
    for path in sorted(folder.glob("proofread-*.md")) if folder.is_dir() else ():
        if found := KEPT.fullmatch(path.name):
            yield Prompt(path.read_text(encoding="utf-8", errors="replace").strip(), found[1], path)

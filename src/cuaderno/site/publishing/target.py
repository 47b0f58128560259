"""Where a site can be published, read from `cuaderno.toml` or from the command."""

import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Protocol

from cuaderno.diary.settings import Settings
from cuaderno.lab.errors import CuadernoError
from cuaderno.site.publishing.edition import Changes, Edition, Note

EXAMPLES = (
    'Write to = "github", to = "rsync:user@host:/var/www/site" or a folder into cuaderno.toml\'s [publish], or name it '
    "here: cuaderno publish github"
)
Step = Callable[[int, int], None]  # how many are done, of how many


class Target(Protocol):
    """A place for the site. `look` is asked first: it fails early, and knows what is live there."""

    name: str  # as a person calls it
    is_public: bool  # readers elsewhere see it, so the diary needs its real address

    @property
    def warnings(self) -> Sequence[str]:
        """What will probably not be as it should there; asked after `look`."""

    def look(self) -> Note | None:
        """Whether one can publish there, and what is live.

        Raises:  CuadernoError when it cannot be reached, or holds what is not ours.
        """

    def prepare(self, edition: Edition) -> Changes:
        """How the edition differs from what is live; nothing is changed there."""

    def push(self, edition: Edition, note: Note, step: Step) -> str:
        """Publish, all at once or not at all; what to tell of how it was done.

        Raises:  CuadernoError; what was live stays live.
        """


def target_of(text: str, diary: Path, settings: Settings, named: bool = True) -> Target:
    """The target that a text means. A folder is relative to where we are when it was `named`, else to the diary.

    Raises:  CuadernoError when there is none.
    """
    text = text.strip()
    if not text:
        raise CuadernoError(f"Where to? {EXAMPLES}")
    if text == "github":
        from cuaderno.site.publishing.github import GitHub

        return GitHub(diary, settings)
    if re.match(r"rsync://|rsync:|[\w.-]+@[\w.-]+:|[\w.-]+::", text):
        from cuaderno.site.publishing.rsync import Rsync

        return Rsync(text, Path() if named else diary, diary)
    if re.match(r"[a-z][a-z0-9+.-]+:(?!\\)", text) and not Path(text).exists():
        raise CuadernoError(f"'{text}' is no place that can be published to. {EXAMPLES}")
    from cuaderno.site.publishing.directory import Directory

    path = Path(text).expanduser()
    path = path if named or path.is_absolute() else diary / path
    close = get_close_matches(text.lower(), ("github", "rsync"), n=1, cutoff=0.6)
    if close and not re.search(r"[/\\]", text) and not path.exists():
        meant = "github" if close == ["github"] else "rsync:HOST:FOLDER"
        raise CuadernoError(
            f"'{text}' is no folder and no other place. Did you mean '{meant}'? A new folder of that name is "
            f"./{text}. {EXAMPLES}"
        )
    return Directory(path, diary)

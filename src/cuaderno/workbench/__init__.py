"""The workbench: forms and pages in the browser of whoever writes the diary, on this computer, with Streamlit.

Reading order: serving.py starts it, entry/app.py is what Streamlit runs, frame.py stands around every page, and a file
in pages/ is a page.
"""

import datetime
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Place:
    """Where a page stands: the diary, the language of the interface, and today."""

    diary: Path
    lang: str
    today: datetime.date

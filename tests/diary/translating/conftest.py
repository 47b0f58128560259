"""An editor for tests: a small script that writes below the lines of the form."""

import shlex
import sys

import pytest

FILL = """
import re, sys
path = sys.argv[-1]
text = open(path, encoding="utf-8").read()
open({seen!r}, "a", encoding="utf-8").write(text)
for key, said in {words!r}.items():
    place = rf"(?m)^(%%% write {{key}} .*)\\n(?:(?!%%%).*\\n)*"
    text = re.sub(place, lambda found: found[1] + "\\n" + said + "\\n\\n", text)
open(path, "w", encoding="utf-8").write(text)
sys.exit({code})
"""


@pytest.fixture
def filling(tmp_path):
    """`filling({2: "Dos."})` is the command of an editor that writes that; what it was shown goes to `seen`."""

    def fill(words, code=0):
        script = tmp_path / "filling.py"
        script.write_text(FILL.format(seen=str(tmp_path / "seen"), words=words, code=code), encoding="utf-8")
        return f"{shlex.quote(sys.executable)} {shlex.quote(str(script))}"

    return fill

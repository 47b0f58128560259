import base64
import contextlib
import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from PIL import Image

from cuaderno.diary import front_matter
from cuaderno.diary.importing.notebooks import read_notebook
from cuaderno.diary.importing.outputs import MOST_LINES, MOST_ROWS, Outputs, read_tables
from cuaderno.lab.errors import CuadernoError
from cuaderno.site.posters import safe_svg


def clean(text: str, alt: str) -> str | None:
    return safe_svg(text, alt, standalone=True)


def png() -> str:
    buffer = io.BytesIO()
    Image.new("RGB", (3, 2)).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def code(source: str, *outputs: dict, **more) -> dict:
    return {"cell_type": "code", "source": source, "outputs": list(outputs), **more}


def text(source: str, **more) -> dict:
    return {"cell_type": "markdown", "source": source.splitlines(keepends=True), **more}


def shows(**data) -> dict:
    kinds = {
        "png": "image/png",
        "svg": "image/svg+xml",
        "html": "text/html",
        "plain": "text/plain",
        "latex": "text/latex",
    }
    return {
        "output_type": "display_data",
        "data": {kinds.get(name, name.replace("_", "/")): value for name, value in data.items()},
    }


def stream(*lines: str) -> dict:
    return {"output_type": "stream", "name": "stdout", "text": list(lines)}


@pytest.fixture
def read(tmp_path):
    def read(*cells: dict, **metadata):
        path = tmp_path / "a.ipynb"
        path.write_text(json.dumps({"nbformat": 4, "metadata": metadata, "cells": list(cells)}))
        return read_notebook(path, clean)

    return read


def test_a_notebook_reads_like_a_post(read):
    notebook = read(
        text("# Title\n\nWords."),
        code("x = 1\nx", shows(plain="1")),
        code("%%bash\nls", stream("a\n", "b\n")),
        code("```", language="no"),
        text("The end."),
        title="My notebook", authors=[{"name": "Ada"}], language_info={"name": "python"},
    )  # fmt: skip
    assert notebook.body == (
        "# Title\n\nWords.\n\n```python\nx = 1\nx\n```\n\n```\n1\n```\n\n```bash\n%%bash\nls\n```\n\n```\na\nb\n```\n\n"
        "````python\n```\n````\n\nThe end.\n"
    )
    assert notebook.fields == {"title": "My notebook", "authors": ["Ada"]} and not notebook.notes


def test_pictures_become_files_and_the_same_one_once(read):
    notebook = read(
        code("plot()", shows(png=png(), plain="<Figure size 640x480 with 1 Axes>"), shows(png=png(), plain="A curve")),
        text("![x](attachment:i.png) ![y](attachment:none.png)", attachments={"i.png": {"image/png": png()}}),
    )
    assert list(notebook.pictures) == ["output-1.png"]
    assert "![](output-1.png)" in notebook.body and "![A curve](output-1.png)" in notebook.body
    assert "![x](output-1.png)" in notebook.body and notebook.notes[1] == "cell 2: an attached picture cannot be read"
    assert "output-1.png has no alt text" in notebook.notes[0] and len(notebook.notes) == 2


def test_drawings_are_cleaned(read):
    svg = "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script><path d='M0 0'/></svg>"
    notebook = read(code("x", shows(svg=svg)), code("y", shows(svg="<svg", plain="a text")))
    (drawn,) = notebook.pictures.values()
    assert b"<path" in drawn and b"alert" not in drawn
    assert "a text" in notebook.body and any("no SVG" in note for note in notebook.notes)


def test_errors_keep_their_end(read):
    trace = [f"\x1b[0;31mline {number}\x1b[0m" for number in range(200)] + ["ValueError: no"]
    notebook = read(code("f()", {"output_type": "error", "ename": "ValueError", "evalue": "no", "traceback": trace}))
    assert "ValueError: no\n```" in notebook.body and "\x1b" not in notebook.body and "line 3\n" not in notebook.body
    bare = read(code("f()", {"output_type": "error", "ename": "E", "evalue": "v", "traceback": []}))
    assert "E: v" in bare.body


def test_much_output_is_cut_and_told(read):
    notebook = read(code("f()", stream(*(f"{number}\n" for number in range(1000))), stream("x" * 10**6)))
    assert (
        "… (1000 lines" in notebook.body and f"\n{MOST_LINES - 1}\n" in notebook.body and "\n500\n" not in notebook.body
    )
    assert len(notebook.body) < 10_000 and len(notebook.notes) == 2


def test_a_progress_bar_leaves_its_last_state(read):
    assert "```\n100 %\nend\n```" in read(code("f()", stream("10 %\r50 %\r100 %\nend\n"))).body


TABLE = """<style>.x{}</style><script>alert(1)</script>
<table onclick="alert(2)"><thead><tr><th></th><th>a|b</th></tr></thead>
<tbody><tr><th>0</th><td>1<br>2</td></tr>
<tr><td colspan="2"><img src=x onerror=alert(3)>x &lt;b&gt; `c` {num}`d`</td></tr>
</tbody></table>"""


def test_a_table_becomes_one_of_markdown(read):
    body = read(code("df", shows(html=TABLE, plain="text"))).body
    assert "| \\# | a\\|b |\n| --- | --- |\n| 0 | 1 2 |" in body and "alert" not in body and "text" not in body
    html = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(body)
    assert "<td>x &lt;b&gt; `c` {num}`d`</td>" in html and "<img" not in html


def test_a_long_table_is_cut(read):
    rows = "".join(f"<tr><td>{number}</td></tr>" for number in range(500))
    notebook = read(code("df", shows(html=f"<table>{rows}</table>")))
    assert "… (500 rows in all)" in notebook.body and notebook.notes and notebook.body.count("\n| ") <= MOST_ROWS + 2


def test_what_a_page_cannot_show(read):
    widget = {"application/vnd.jupyter.widget-view+json": {}, "text/html": "<div onclick=x><script>y</script></div>"}
    notebook = read(
        code("w", {"output_type": "display_data", "data": widget | {"text/plain": "IntSlider()"}}),
        code("v", {"output_type": "display_data", "data": {"text/html": "<script>alert(1)</script>"}}),
        code("l", shows(latex="$$x^2$$", plain="x**2")),
        code("m", shows(text_markdown="**bold**")),
        code("n", shows(text_markdown="<script>alert(1)</script>", plain="safe")),
    )
    assert "IntSlider()" in notebook.body and "script" not in notebook.body and "$$\nx^2\n$$" in notebook.body
    assert "**bold**" in notebook.body and "safe" in notebook.body and len(notebook.notes) == 2


def test_tags_hide(read):
    def tagged(*tags):
        return {"metadata": {"tags": list(tags)}}

    body = read(
        code("one", stream("1"), **tagged("hide_input")), code("two", stream("2"), **tagged("remove-output")),
        code("three", stream("3"), **tagged("remove-cell")),
    ).body  # fmt: skip
    assert "one" not in body and "\n1\n" in body and "two" in body and "\n2\n" not in body and "three" not in body


def test_a_first_cell_may_be_the_head(read):
    notebook = read({"cell_type": "raw", "source": "---\ntitle: T\ndate: 2024-01-02\n---"}, text("Words."))
    assert notebook.fields == {"title": "T", "date": "2024-01-02"} and notebook.body == "Words.\n"
    assert read(text("---\nnot: [closed\n---"), text("W")).fields == {}


def test_an_old_notebook(tmp_path):
    cells = [
        {"cell_type": "heading", "level": 2, "source": ["Old"]},
        {"cell_type": "code", "input": ["1+1"], "language": "python",
         "outputs": [{"output_type": "pyout", "text": ["2"]}, {"output_type": "display_data", "png": png()}]},
    ]  # fmt: skip
    (tmp_path / "a.ipynb").write_text(json.dumps({"nbformat": 3, "metadata": {}, "worksheets": [{"cells": cells}]}))
    notebook = read_notebook(tmp_path / "a.ipynb", clean)
    assert notebook.body == "## Old\n\n```python\n1+1\n```\n\n```\n2\n```\n\n![](output-1.png)\n"


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"cells": 3}', b"\xff\xfe", b"[" * 10**5, b'{"worksheets": []}']
)
def test_no_notebooks(tmp_path, content):
    (tmp_path / "a.ipynb").write_bytes(content)
    with pytest.raises(CuadernoError, match="no notebook"):
        read_notebook(tmp_path / "a.ipynb", clean)


def test_a_huge_one_is_refused(tmp_path, monkeypatch):
    from cuaderno.diary.importing import notebooks

    (tmp_path / "a.ipynb").write_text('{"cells": []}')
    monkeypatch.setattr(notebooks, "LARGEST", 5)
    with pytest.raises(CuadernoError, match="Clear its outputs"):
        read_notebook(tmp_path / "a.ipynb", clean)


def test_a_notebook_arrives_as_a_post(tmp_path, bring):
    cells = [text("# My run\n\nThe loss of the network is small."), code("x", shows(png=png()), stream("<script>"))]
    path = tmp_path / "2024-02-03-my-run.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}}))
    post = bring(path)[0]["posts/my-run/en.md"]
    assert post.text.startswith(
        "---\ndescription: The loss of the network is small.\ndate: 2024-02-03\n---\n# My run\n"
    )
    assert list(post.pictures) == ["output-1.png"]
    assert "![](output-1.png)" in post.text and "no alt text" in post.lost[0] and not post.kept


@pytest.mark.parametrize(
    ("said", "description"),
    [
        ("Text $x^2$ of *mine*.", "Text … of mine."),
        ("With $n = 3$ layers &amp; for $5 and $6.", "With n = 3 layers & for $5 and $6."),
        (r"So \(a_1\) and \[ b \] and \begin{align} c \end{align}.", "So … and … and …."),
        ("\\begin{align}x\\end{align}\n\nThe words.", "The words."),
        ("$$\nx\n$$\n\nThe words.", "The words."),
    ],
)
def test_a_description_holds_no_latex(tmp_path, bring, said, description):
    path = tmp_path / "2024-02-03-my-run.ipynb"
    path.write_text(json.dumps({"cells": [text(f"# My run\n\n{said}")], "metadata": {}}))
    post = bring(path)[0]["posts/my-run/en.md"]
    assert front_matter.read(post.text, Path("x"))["description"] == description


KEYS = (
    "cells source cell_type outputs data metadata text/html image/png tags output_type traceback attachments text level"
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS.split()), inner, max_size=4),
    max_leaves=12,
)
CELLS = st.fixed_dictionaries(
    {"cell_type": st.sampled_from(["code", "markdown", "raw", "heading"])},
    optional=dict.fromkeys(["source", "outputs", "metadata", "attachments"], JSON),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(CELLS | JSON, max_size=4))
def test_any_json_is_read_or_refused(tmp_path_factory, cells):
    path = Path(tmp_path_factory.getbasetemp()) / "any.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}}))
    with contextlib.suppress(CuadernoError):
        assert isinstance(read_notebook(path, clean).body, str)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "<table>",
                "</table>",
                "<tr>",
                "<td>",
                "<th colspan=3>",
                "</td>",
                "<script>",
                "</script>",
                "<b>",
                "&lt;img src=x onerror=a&gt;",
                "a",
                "|",
                "`",
                "\n",
                "<!--",
                "-->",
                "<style>",
                "[x](javascript:1)",
                "\\",
            ]
        ),
        max_size=25,
    )
)
def test_no_table_lets_anything_through(parts):  # fmt: skip
    markdown = "\n".join(table.markdown() for table in read_tables("".join(parts)))
    html = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(markdown)
    for tag in ("<script", "<img", "<b>", "<a ", "<style", "<!--"):
        assert tag not in html


def test_outputs_of_no_kind():
    outputs = Outputs(clean)
    for strange in (None, 3, [3], [{}], [{"output_type": "x"}], [{"output_type": "display_data", "data": []}]):
        assert outputs.markdown(strange if isinstance(strange, list) else None, 1) == ""

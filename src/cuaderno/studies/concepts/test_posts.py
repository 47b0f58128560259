"""The code in the posts of the diary: it stands in this study as it is, or is run and answers what is said."""

import ast
import doctest
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
DIARY = Path(__file__).parents[4] / "diary" / "posts"
POSTS = sorted(path for path in DIARY.glob("*/*.md") if re.search(r"^  \w+: concepts-", path.read_text("utf-8"), re.M))
POSTS = [path for path in POSTS if path.stem in ("en", "es")]  # what they first said is kept as it was


class Bare(ast.NodeTransformer):
    """Takes away what a post leaves out: docstrings and types."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        for argument in node.args.args:
            argument.annotation = None
        if ast.get_docstring(node):
            node.body = node.body[1:] or [ast.Pass()]
        return node


def as_written(tree: ast.AST) -> str:
    """Code without comments, types and indents, each statement as Python itself would write it."""
    return "\n".join(line.strip() for line in ast.unparse(Bare().visit(tree)).splitlines() if line.strip())


def pieces(code: str) -> list[str]:
    """Functions each for themselves, other statements in a row."""
    tree = ast.parse(code)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return [as_written(node) for node in functions or [tree]]


def blocks(post: Path, kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", post.read_text(encoding="utf-8"), re.M | re.S)


@pytest.fixture(scope="module")
def sources() -> list[str]:
    return [
        as_written(ast.parse(path.read_text(encoding="utf-8")))
        for path in HERE.rglob("*.py")
        if "test_" not in path.name
    ]


@pytest.mark.parametrize("post", POSTS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_code_of_a_post_is_ours_and_answers_what_it_says(post, sources):
    shown, tried = blocks(post, "python"), blocks(post, "pycon")
    assert shown and tried
    for code in shown:
        for piece in pieces(code):
            assert any(piece in source for source in sources), f"nobody runs this:\n{piece}"
    example = doctest.DocTestParser().get_doctest("\n".join(tried), {}, post.parent.name, str(post), 0)
    assert doctest.DocTestRunner(verbose=False).run(example).failed == 0


def test_there_are_posts_in_both_languages():
    assert len(POSTS) == 16

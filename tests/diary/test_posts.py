import os
from pathlib import Path

import pytest

from cuaderno.diary.diary import Diary
from cuaderno.diary.posts import summary

SEEDS = Path(os.environ.get("CUADERNO_SEEDS", Path(__file__).parents[3] / "shared" / "seeds"))


def diary(folder: Path, **files: str) -> Diary:
    (folder / "cuaderno.toml").write_text('title = "Notes"\n')
    for name, text in files.items():
        path = folder / "posts" / name.replace("__", "/").replace("_md", ".md")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Diary.open(folder)


HEAD = "---\ntitle: A\ndate: 2026-01-02\n---\n"


def test_a_translation_inherits_what_it_does_not_say(tmp_path):
    found = diary(
        tmp_path, a__en_md="---\ntitle: A\ndate: 2026-01-02\ntags: [x]\n---\n", a__es_md="---\ntitle: Á\n---\nHola"
    )
    english, spanish = sorted(found.posts, key=lambda post: post.lang)
    assert not found.problems and english.slug == spanish.slug
    assert (spanish.date, spanish.tags, spanish.title, spanish.body) == (english.date, ("x",), "Á", "Hola")


def test_the_language_of_a_single_file(tmp_path):
    found = diary(tmp_path, a_md=HEAD, b_md=HEAD.replace("title", "lang: es\ntitle"))
    assert {post.slug: post.lang for post in found.posts} == {"a": "en", "b": "es"}


def test_unfinished_posts_are_not_published(tmp_path):
    found = diary(
        tmp_path, a_md=HEAD.replace("title", "draft: true\ntitle"), b_md=HEAD.replace("title", "done: false\ntitle")
    )
    assert [post.published for post in found.posts] == [False, False]


def test_newest_first_and_the_body_knows_its_line(tmp_path):
    found = diary(tmp_path, a_md=HEAD + "\nText", b_md=HEAD.replace("2026", "2027"))
    assert [post.slug for post in found.posts] == ["b", "a"]
    assert found.posts[1].line == 5


def test_what_a_text_cites(tmp_path):
    body = "![p](a.png) {num}`maze.x` [l](b.md)\n\n```{widget} mine\n```\n:::{curve} other\n:::\n"
    [post] = diary(tmp_path, a_md=HEAD + body).posts
    assert (post.cites, post.widget) == (("maze", "mine", "other"), "mine")
    assert (post.images, post.links) == (("a.png",), ("b.md",))


def test_the_first_words_stand_for_a_missing_description(tmp_path):
    [post] = diary(
        tmp_path, a_md=HEAD + "Some **bold** words, {num}`m.x` and [a link](x).\n\n```python\ncode\n```\n"
    ).posts
    assert post.description == "Some bold words, … and a link."


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"a_md": "no head"}, "a.md:1: the post has no title"),
        ({"a_md": "---\ntitle: A\n---\n"}, "a.md:1: the post has no date"),
        ({"a__fr_md": HEAD}, "'fr' is not a language"),
        ({"a__notes_md": HEAD}, "has no en.md and no es.md"),
        ({"a_md": HEAD, "a__en_md": HEAD}, "again"),
        ({"a_md": HEAD.replace("title", "lang: xx\ntitle")}, "'xx' is not a language"),
    ],
)
def test_faults_are_collected_with_their_place(tmp_path, files, says):
    [problem] = diary(tmp_path, **files).problems
    assert says in str(problem)


def test_a_file_that_is_not_text(tmp_path):
    diary(tmp_path, a_md="x")
    (tmp_path / "posts" / "a.md").write_bytes(b"---\ntitle: A\n---\n\xff\xfe")
    [problem] = Diary.open(tmp_path).problems
    assert "a.md:4" in str(problem) and "UTF-8" in str(problem)


def test_the_memory_is_used_and_forgiving(tmp_path):
    memory: dict = {}
    diary(tmp_path, a_md=HEAD)
    Diary.open(tmp_path, memory)
    [digest] = memory
    memory[digest]["title"] = "remembered"
    assert Diary.open(tmp_path, memory).posts[0].title == "remembered"


def test_two_real_posts(tmp_path):
    if not SEEDS.is_dir():
        pytest.skip(f"the two real posts are not at {SEEDS}; point CUADERNO_SEEDS at them")
    texts = [path.read_text(encoding="utf-8") for path in sorted(SEEDS.iterdir())]
    texts = [text for text in texts if text.startswith("---")]
    found = diary(tmp_path, **{f"seed{number}_md": text for number, text in enumerate(texts)})
    assert not found.problems and len(found.posts) == 2
    assert [post.date.date().isoformat() for post in found.posts] == ["2023-11-26", "2023-05-19"]
    assert not found.posts[1].body.lstrip().startswith("#")


def test_a_summary_reads_as_prose():
    text = "## To do\n\n- [x] Read it {objective}`read-papers`\n- [ ] Write it\n\nPlan\n----\n\nThen {num}`a.b` more.\n"
    assert summary(text) == "Read it Write it Then … more."

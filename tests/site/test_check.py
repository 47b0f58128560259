import pytest

from cuaderno.lab.errors import CuadernoError
from cuaderno.scaffold import new_diary
from cuaderno.site.check import check


@pytest.fixture
def diary(tmp_path):
    return new_diary(tmp_path / "mine")


def write(diary, text: str) -> None:
    (diary / "posts" / "links.md").write_text(f"---\ntitle: Links\ndate: 2026-11-21\n---\n\n## A part\n\n{text}\n")


def test_a_new_diary_is_whole_and_nothing_is_left_behind(diary):
    assert "links lead somewhere" in check(diary)
    assert not (diary / "_site").exists()


@pytest.mark.parametrize(
    "link", ["/posts/first-page/", "../first-page/", "#a-part", "https://example.org/x", "mailto:a@b.c"]
)
def test_links_that_lead_somewhere(diary, link):
    write(diary, f"[here]({link})")
    check(diary)


@pytest.mark.parametrize(
    "link", ["/posts/nothing/", "../frist-page/", "#no-part", "/posts/first-page/#nothing", "/no.pdf"]
)
def test_links_that_lead_nowhere_are_named(diary, link):
    write(diary, f"[here]({link})")
    with pytest.raises(CuadernoError, match=r"[12] links lead nowhere") as caught:
        check(diary)
    assert f"posts/links/index.html: {link}" in str(caught.value)

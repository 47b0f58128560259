import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cuaderno.site.pictures import share_picture


@pytest.mark.parametrize("title", ["A", "«¿Qué mide una pérdida?» y pingüinos, Ñ", "word " * 80, "x" * 300, "", "日本"])
def test_a_title_becomes_a_whole_picture(title):
    with Image.open(io.BytesIO(share_picture(title, "Ada Núñez"))) as picture:
        picture.load()  # checks every chunk and the whole stream
        assert picture.size == (1200, 630)
        assert picture.convert("RGB").getpixel((60, 60)) == (29, 78, 216)


def test_accents_are_drawn():
    assert share_picture("ano", "x") != share_picture("año", "x")
    assert share_picture("que", "x") != share_picture("¿que", "x")


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=200))
def test_any_title_can_be_drawn(title):
    assert share_picture(title, title).startswith(b"\x89PNG")

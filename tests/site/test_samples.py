import json

import pytest

from cuaderno.lab.errors import CuadernoError
from cuaderno.site.samples import read_samples, shown_text


def test_samples_come_in_the_order_of_their_steps(tmp_path):
    path = tmp_path / "samples.json"
    path.write_text(json.dumps([{"step": step, "text": f"{step}"} for step in (200, 0, 100)]))
    assert [sample.step for sample in read_samples(path, "maze-1")] == [0, 100, 200]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "samples.json of run maze-1 is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("{}", "holds no samples. It is a list such as"),
        ("[]", "holds no samples"),
        ("[1]", "entry 1 of samples.json of run maze-1 has no step"),
        ('[{"step": 1, "text": ""}, {"text": "x"}]', "entry 2 of"),
        ('[{"step": true, "text": "x"}]', "has no step"),
        ('[{"step": 1.5, "text": "x"}]', "has no step"),
        ('[{"step": -1, "text": "x"}]', "has no step"),
        (f'[{{"step": 1{"0" * 400}, "text": "x"}}]', "has no step"),
        ('[{"step": 1, "text": null}]', "entry 1 of samples.json of run maze-1 has no text"),
    ],
)
def test_what_is_no_list_of_samples(tmp_path, content, says):
    path = tmp_path / "samples.json"
    path.write_text(content)
    with pytest.raises(CuadernoError) as caught:
        read_samples(path, "maze-1")
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("text", "lines", "expected"),
    [
        ("a\r\n  b\tc\n", 0, ("a\n  b\tc\n", False)),
        ("a\nb\nc", 2, ("a\nb", True)),
        ("a\nb\n\n", 2, ("a\nb", False)),
        ("a\x00\x1b\x7f\x85\ud800\r", 0, ("a␀␛␡\ufffd\ufffd␍", False)),
        ("🦊\u2028ñ", 1, ("🦊\u2028ñ", False)),
    ],
)
def test_a_text_as_it_is_shown(text, lines, expected):
    assert shown_text(text, lines) == expected

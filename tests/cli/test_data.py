"""`cuaderno data` as a person uses it."""

import json

import pytest

from cuaderno import cli

ROWS = "text,label\nthe early bird  catches the worm,a\nThe early bird catches the worm,a\nsomething else entirely,b\n"


@pytest.fixture
def cuaderno(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    (tmp_path / "rows.csv").write_text(ROWS)

    def call(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            cli.main(list(words))
        captured = capsys.readouterr()
        return end.value.code or 0, captured.out, captured.err

    return call


def test_check_reports_and_writes_nothing(cuaderno, tmp_path):
    code, out, _ = cuaderno("data", "check", "rows.csv")
    assert code == 0 and "exact duplicates" in out and "3 rows: 1 would change, 1 would go, 0 to look at." in out
    code, out, _ = cuaderno("data", "check", "rows.csv", "--lang", "es")
    assert "duplicados exactos" in out and "3 filas: 1 por cambiar, 1 por quitar, 0 por mirar." in out
    assert [path.name for path in tmp_path.iterdir()] == ["rows.csv"]


def test_check_for_programs(cuaderno, tmp_path):
    code, out, _ = cuaderno("data", "check", "rows.csv", "--json", "--strict", "--page", "page.html")
    assert code == 1 and json.loads(out)["dropped"] == 1 and (tmp_path / "page.html").is_file()


def test_clean_says_what_it_wrote_and_undo_takes_it_back(cuaderno, tmp_path):
    code, out, _ = cuaderno("data", "clean", "rows.csv", "-o", "clean.csv", "--split", "0.5,0.5")
    assert code == 0 and "clean.csv.undo.zip" in out and "do not share" in out
    assert (tmp_path / "clean.csv").read_text().startswith("text,label,split\n")
    code, out, _ = cuaderno("data", "undo", "clean.csv", "--list")
    assert "the same as row 1" in out
    code, out, _ = cuaderno("data", "undo", "clean.csv")
    assert code == 0 and "3 rows" in out and (tmp_path / "clean.csv").read_text() == ROWS


def test_check_and_clean_end_alike_where_a_row_cannot_be_read(cuaderno, tmp_path):
    (tmp_path / "rows.csv").write_text(ROWS + "one,two,three\n")
    code, out, err = cuaderno("data", "check", "rows.csv")
    assert code == 1 and "row 4 (line 5)" in out and "--skip-broken" in err
    assert cuaderno("data", "clean", "rows.csv", "-o", "clean.csv")[0] == 1
    assert cuaderno("data", "check", "rows.csv", "--skip-broken")[0] == 0
    assert cuaderno("data", "clean", "rows.csv", "-o", "clean.csv", "--skip-broken")[0] == 0
    for verb in ("check", "clean", "undo", "spoil", "dirt"):
        assert "exit code:" in cuaderno("data", verb, "--help")[1]


def test_check_says_which_columns_it_read(cuaderno, tmp_path):
    (tmp_path / "rows.csv").write_text("n,text,label,author\n1,a good day,a,ana@example.org\n2,a bad day,b,Luis\n")
    _, out, _ = cuaderno("data", "check", "rows.csv")
    assert "nothing else: author." in out and "Not looked at, and left as they are: n." in out
    _, out, _ = cuaderno("data", "check", "rows.csv", "--text", "text", "--text", "author", "--private", "keep")
    assert "text: text, author" in out and "nothing else" not in out


def test_spoil_says_what_it_did(cuaderno, tmp_path):
    lines = [f"the row of number {number} isn't like others,{'ab'[number % 2]}" for number in range(40)]
    (tmp_path / "many.csv").write_text("text,label\n" + "\n".join(lines) + "\n")
    dirt = ("--labels", "0.2", "--duplicates", "0.3", "--mojibake", "0.1")
    code, out, _ = cuaderno("data", "spoil", "many.csv", *dirt, "-o", "dirty.csv")
    assert code == 0 and "52 rows; 8 labels made wrong, 12 rows added" in out
    assert (tmp_path / "dirty.csv.truth.jsonl").is_file()


@pytest.mark.parametrize(
    "words, said",
    [
        (("check", "none.csv"), "There is no none.csv"),
        (("check", "rows.csv", "--text", "texto"), "no column 'texto'. Did you mean 'text'"),
        (("clean", "rows.csv", "-o", "out.csv", "--split", "1,2,3,4"), "--split takes two or three shares"),
        (("check", "rows.csv", "--likeness", "0.2"), "--likeness lies between 0.6 and 1"),
        (("clean", "rows.csv", "-o", "rows.csv"), "is the data itself"),
        (("spoil", "rows.csv", "-o", "out.csv"), "Say how much dirt"),
        (("undo", "rows.csv"), "cannot be undone"),
    ],
)
def test_what_cannot_be_done_says_why(cuaderno, words, said):
    code, out, err = cuaderno("data", *words)
    assert code == 1 and said in err and not out

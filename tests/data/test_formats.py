"""Reading: formats, encodings, separators and columns are found out; what cannot be read says row, column and cure."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cuaderno.data import encodings, formats
from cuaderno.data.formats import dump, parse, read_table
from cuaderno.data.table import FormatError, with_texts
from cuaderno.lab.errors import CuadernoError


def read(tmp_path, content: str | bytes, name: str = "rows.csv", **options):
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_table(path, **options)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_separator_is_found(tmp_path, separator):
    rows = [["label", "text"], ["good", "fine work"], ["bad", "no, never again"], ["good", "yes"]]
    lines = [separator.join(f'"{cell}"' if separator in cell else cell for cell in row) for row in rows]
    table = read(tmp_path, "\n".join(lines))
    assert table.format.separator == separator and table.labels == ["good", "bad", "good"]
    assert table.texts[1] == "no, never again"


def test_a_quoted_text_over_two_lines_counts_its_lines(tmp_path):
    table = read(tmp_path, 'text,label\n"one\ntwo, three",a\nfour,b\n')
    assert [(row.line, row.text) for row in table] == [(2, "one\ntwo, three"), (4, "four")]


def test_quotes_in_raw_messages_are_letters(tmp_path):
    lines = ["label\ttext", 'ham\t"Hello', 'ham\tshe said "no" twice', 'spam\t"win" now'] * 3
    table = read(tmp_path, "\n".join(lines), "sms.tsv")
    assert len(table) == 11 and table.texts[0] == '"Hello' and not table.format.quoted


def test_a_file_without_header_has_numbered_columns(tmp_path):
    table = read(tmp_path, "ham\tgo until jurong point\nspam\tfree entry in a comp\nham\tok lar joking\n" * 4, "a.tsv")
    assert not table.format.header and table.format.columns == ["column_1", "column_2"]
    assert table.format.text_columns == ["column_2"] and table.labels[:2] == ["ham", "spam"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_an_encoding_is_found(tmp_path, encoding):
    table = read(tmp_path, "text,label\nmañana será otro día,es\ntomorrow,en\n".encode(encoding))
    assert table.texts[0] == "mañana será otro día" and table.format.columns == ["text", "label"]


ALPHABETS = {"cp1252": "áéíóúñüÑÁ", "latin-1": "áéíóúñßåø", "utf-16": "áéñ漢字дом😀", "utf-8": "áéñ漢字дом😀"}


@given(st.sampled_from(sorted(ALPHABETS)), st.data())
@settings(max_examples=60)
def test_a_text_in_a_real_encoding_is_never_taken_for_anything_else(encoding, data):
    letters = "abcdefghij klmnop" + ALPHABETS[encoding]
    texts = data.draw(st.lists(st.text(letters, min_size=1, max_size=40).filter(str.strip), min_size=1, max_size=9))
    content = ("text,label\n" + "".join(f'"{text}",a\n' for text in texts)).encode(encoding)
    assert parse(content, "rows.csv", encoding=None if encoding != "latin-1" else "latin-1").texts == texts


def test_quotes_and_a_euro_of_windows_are_read(tmp_path):
    said = "“¿Cuánto?”, dijo: 5 €… ¡adiós! œuvre"
    assert read(tmp_path, f'text,label\n"{said}",a\n'.encode("cp1252")).texts == [said]


@given(st.randoms(use_true_random=False), st.sampled_from(["a.csv", "a.tsv", "a.txt", "a.jsonl", "a.json"]))
@settings(max_examples=40)
def test_random_bytes_are_refused_in_words(random, name):
    data = random.randbytes(random.randint(300, 3000))
    with pytest.raises(CuadernoError, match=r"no text|not a whole|broken JSON|found") as caught:
        read_all = parse(data, name)
        raise read_all.broken[0].error
    assert "�" not in str(caught.value) and str(caught.value).replace("\n", "").isprintable()


def test_what_is_no_text_says_what_to_do(tmp_path):
    import random

    for content in (random.Random(1).randbytes(5000), bytes(5000), bytes(range(256)) * 20):
        with pytest.raises(CuadernoError, match=r"rows.csv is no text: .*--encoding, for example"):
            read(tmp_path, content)
    with pytest.raises(CuadernoError, match="is a PNG picture"):
        read(tmp_path, b"\x89PNG\r\n\x1a\nrest")
    with pytest.raises(CuadernoError, match="web page"):
        read(tmp_path, "<!DOCTYPE html>\n<title>Log in</title>")
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "a.txt").write_text("a text")
    (tmp_path / "set" / "b.txt").write_bytes(random.Random(1).randbytes(5000))
    table = read_table(tmp_path / "set", keep_broken=True)
    assert table.texts == ["a text"] and "b.txt" in str(table.broken[0].error)


def test_colours_of_a_terminal_are_text(tmp_path):
    assert len(read(tmp_path, "text,label\n" + "\x1b[31mred\x1b[0m,a\n" * 500)) == 500


def test_another_encoding_in_the_middle_is_named_by_row(tmp_path):
    content = "text\nmañana\nbebé y niño\n".encode() + "piñón\n".encode("cp1252") + "adiós\n".encode()
    with pytest.raises(FormatError) as caught:
        read(tmp_path, content)
    error = caught.value
    assert "row 3 (line 4)" in error.place and "0xF1" in error.found and "UTF-8" in error.wanted
    assert "--encoding" in error.cure
    table = read(tmp_path, content, keep_broken=True)
    assert table.texts == ["mañana", "bebé y niño", "adiós"] and table.broken[0].raw == "piñón"


def test_a_ragged_row_names_row_column_found_wanted_and_cure(tmp_path):
    content = "text,label\nfine,good\nwell, hardly,bad\nonly\nyes,good\n"
    with pytest.raises(FormatError, match="1 more rows") as caught:
        read(tmp_path, content)
    said = str(caught.value)
    for part in ("row 2 (line 3)", "column 'label'", "3 columns", "2 columns (text, label)", "double quotes"):
        assert part in said
    table = read(tmp_path, content, keep_broken=True)
    assert [row.id for row in table] == [1, 4] and "Add what is missing" in table.broken[1].error.cure


def test_a_quote_that_is_never_closed_is_named(tmp_path):
    with pytest.raises(FormatError, match=r"row 2 \(line 3\), column 'text'.*closed nowhere"):
        read(tmp_path, 'label,text\na,fine\nb,"never ends\na,yes\nb,no\n')


@pytest.mark.parametrize(
    "torn, whole",
    [
        ('b,"never ends\n', []),  # to the end of the file
        ('b,"never ends\nc,"quoted, well"\n', ["quoted, well"]),  # until the next text that is quoted
        ('b,"never ends\nc,"a ""word"" said"\nd,"two\nlines"\n', ['a "word" said', "two\nlines"]),
    ],
)
def test_a_quote_that_is_never_closed_swallows_no_other_row(tmp_path, torn, whole):
    content = f"label,text\na,fine\n{torn}e,yes\nf,no\n"
    table = read(tmp_path, content, keep_broken=True)
    assert table.texts == ["fine", *whole, "yes", "no"]
    [broken] = table.broken
    assert (broken.id, broken.line) == (2, 3) and broken.error.place == "row 2 (line 3), column 'text'"
    assert "never ends" in broken.error.found and "--skip-broken" in broken.error.cure
    assert [row.id for row in table] == [1, *range(3, 3 + len(whole) + 2)]


@pytest.mark.parametrize("end", ["\n", ""])
def test_a_quote_that_opens_in_the_last_row_is_named(tmp_path, end):
    with pytest.raises(FormatError, match=r"row 2 \(line 3\), column 'text'.*closed nowhere"):
        read(tmp_path, f'label,text\na,fine\nb,"never ends{end}')


def test_a_row_over_many_lines_that_is_ragged_says_where_it_ends(tmp_path):
    with pytest.raises(FormatError, match=r"row 2 \(line 3\).*goes on to line 5"):
        read(tmp_path, 'label,text\na,fine\nb,"one\ntwo\n12",more\n')


def test_a_text_over_two_lines_may_end_the_file(tmp_path):
    assert read(tmp_path, 'text,label\n"one\ntwo",a\n').texts == ["one\ntwo"]
    assert read(tmp_path, 'label,text\na,"one\ntwo"\n\n').texts == ["one\ntwo"]


def test_a_broken_line_of_json_is_named_by_line_and_character(tmp_path):
    with pytest.raises(FormatError, match=r"row 2 \(line 3\), character 17.*broken JSON") as caught:
        read(tmp_path, '{"text": "one"}\n\n{"text": "two", oops}\n{"text": "three"}\n', "rows.jsonl")
    assert "missing quote, comma or brace" in caught.value.cure


@pytest.mark.parametrize(
    "record, place",
    [
        ({"messages": [{"role": "human", "content": "a"}]}, "messages[0].role"),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": None}]}, "messages[0].content"),
        ({"messages": []}, "messages"),
        ({"messages": ["hello"]}, "messages[0]"),
        ({"message": "hello"}, "messages"),
    ],
)
def test_a_chat_that_is_none_names_its_place(tmp_path, record, place):
    good = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
    lines = [json.dumps(good), json.dumps(record), json.dumps(good)]
    with pytest.raises(FormatError) as caught:
        read(tmp_path, "\n".join(lines), "chat.jsonl")
    assert f"row 2 (line 2), column '{place}'" == caught.value.place


def test_shapes_of_json_are_told_apart(tmp_path):
    chat = {"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello"}]}
    alpaca = {"instruction": "Add.", "input": "1 1", "output": "2"}
    pair = {"prompt": "hi", "response": "hello"}
    for record, shape, texts in [
        (chat, "chat", ["hi", "hello"]),
        (alpaca, "alpaca", ["Add.", "1 1", "2"]),
        (pair, "plain", ["hi", "hello"]),
    ]:
        table = read(tmp_path, json.dumps(record) + "\n", "rows.jsonl")
        assert (table.format.shape, table.rows[0].texts) == (shape, texts)


def test_a_number_where_a_text_is_wanted_is_refused(tmp_path):
    lines = [json.dumps({"text": text, "label": "a"}) for text in ("one", 5, "three")]
    with pytest.raises(FormatError, match=r"row 2 \(line 2\), column 'text': found a number \(5\)"):
        read(tmp_path, "\n".join(lines), "rows.jsonl")


def test_parquet_keeps_its_types(tmp_path):
    pyarrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    written = pyarrow.table({"text": ["uno", "dos"], "label": [1, 0], "score": [0.5, None]})
    parquet.write_table(written, tmp_path / "rows.parquet")
    table = read_table(tmp_path / "rows.parquet")
    assert table.texts == ["uno", "dos"] and table.labels == ["1", "0"]
    (tmp_path / "again.parquet").write_bytes(dump(table))
    assert parquet.read_table(tmp_path / "again.parquet").equals(written)


def test_half_a_parquet_file_says_so(tmp_path):
    with pytest.raises(CuadernoError, match="not a whole Parquet file"):
        read(tmp_path, b"PAR1 and then nothing", "rows.parquet")


def test_a_folder_has_a_class_a_folder(tmp_path):
    for name, text in {"good/1.txt": "fine", "bad/2.txt": "poor", "good/.hidden.txt": "no"}.items():
        (tmp_path / "set" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "set" / name).write_text(text)
    table = read_table(tmp_path / "set")
    assert [(row.text, row.label) for row in table] == [("poor", "bad"), ("fine", "good")]


@pytest.mark.parametrize(
    "content, name, said",
    [
        (b"", "rows.csv", "is empty"),
        (b" \n\n", "rows.csv", "is empty"),
        (b"text,label\n", "rows.csv", "has no rows"),
        (b"PK\x03\x04rest", "rows.csv", "spreadsheet.*Save its sheet as CSV"),
        (b"%PDF-1.4", "rows.csv", "is a PDF"),
        (b"text,text\na,b\n", "rows.csv", "same name twice"),
        (b'{"text": 1', "rows.json", "broken JSON"),
        (b"[1, 2]", "rows.json", "found a number"),
        (b";\n;;\n", "rows.csv", "separators and no words"),
        (b"n\n1\n2\n", "rows.csv", "No column holds texts"),
        (b"text\na\n", "rows.parquet", "no Parquet file"),
        (b"<?xml version='1.0'?><a/>", "rows.csv", "web page or XML"),
        (("text,label\n" + "a word,b\n" * 300 + "c").encode("utf-16")[:-1], "rows.csv", r"line 302.*not utf-16"),
    ],
)
def test_what_is_no_table_says_so(tmp_path, content, name, said):
    with pytest.raises(CuadernoError, match=said):
        read(tmp_path, content, name)


def test_what_is_not_there_says_so(tmp_path):
    with pytest.raises(CuadernoError, match="There is no file"):
        read_table(tmp_path / "none.csv")
    (tmp_path / "empty").mkdir()
    with pytest.raises(CuadernoError, match=r"no texts .* and no pictures"):
        read_table(tmp_path / "empty")
    with pytest.raises(CuadernoError, match=r"no column 'txt'\. Did you mean 'text'"):
        read(tmp_path, "text,label\na b c,d\n", text=["txt"])
    with pytest.raises(CuadernoError, match="no encoding 'utf-99'"):
        read(tmp_path, "text\na\n", encoding="utf-99")


def test_a_pipe_is_refused_before_it_is_read(tmp_path):
    import os

    os.mkfifo(tmp_path / "rows.csv")
    with pytest.raises(CuadernoError, match="pipe or a device"):
        read_table(tmp_path / "rows.csv")


def test_what_excel_and_others_write_is_read(tmp_path):
    table = read(tmp_path, "sep=;\ntext;label\none, two;a\nthree;b\n")
    assert [(row.line, row.text) for row in table] == [(3, "one, two"), (4, "three")]
    assert read(tmp_path, '[{"text": "one"}, {"text": "two"}]').format.kind == "json"
    assert read(tmp_path, '{"text": "one", "label": NaN}\n').labels == [None]


def test_links_that_lead_elsewhere_are_named_and_not_followed(tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "secret.txt").write_text("not yours")
    (tmp_path / "set" / "a.txt").write_text("a text")
    (tmp_path / "set" / "b.txt").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "set" / "loop").symlink_to(tmp_path / "set" / "loop")
    assert read_table(tmp_path / "set").texts == ["a text"]
    assert "b.txt" in formats.left_alone(tmp_path / "set")["links"]


def test_a_file_of_a_folder_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    from pathlib import Path

    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "a.txt").write_text("a text")

    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(CuadernoError, match=r"Could not read .*a\.txt: Permission denied"):
        read_table(tmp_path / "set")


def test_zero_bytes_and_a_line_of_ten_megabytes_are_read(tmp_path):
    table = read(tmp_path, "text,label\na\0b,x\n" + "word " * 2_000_000 + ",y\n")
    assert table.texts[0] == "a\0b" and len(table.texts[1]) == 10_000_000


def test_a_file_too_large_for_memory_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(formats, "MOST_BYTES", 10)
    with pytest.raises(CuadernoError, match="Cut it into parts"):
        read(tmp_path, "text\n" + "a" * 20)


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\r\0\x85\u2028\u2029"), max_size=15)


@given(st.lists(st.tuples(CELLS.filter(str.strip), CELLS), min_size=1, max_size=8))
@settings(max_examples=60)
def test_what_was_written_is_read_again(rows):
    content = "text,note\n" + "".join(",".join('"' + c.replace('"', '""') + '"' for c in row) + "\n" for row in rows)
    table = parse(content.encode(), "rows.csv", encoding="utf-8", text=["text"])
    assert [(row.record["text"], row.record["note"]) for row in table] == rows
    again = parse(dump(table), "rows.csv", encoding="utf-8", text=["text"])
    assert [row.record for row in again] == [row.record for row in table]


@given(st.binary(max_size=200), st.sampled_from(["a.csv", "a.tsv", "a.jsonl", "a.json", "a.txt"]))
def test_any_bytes_are_read_or_refused_in_words(data, name):
    if not data.strip() or data.startswith(b"PAR1"):
        return
    try:
        table = parse(data, name)
    except CuadernoError as error:
        assert len(str(error)) > 20
    else:
        dump(table)


@given(st.text(max_size=40))
def test_utf8_is_always_found(text):
    assert encodings.decode(text.encode(), "utf-8") == (text, {})


def test_a_text_that_is_the_same_leaves_its_record_alone():
    record = {"text": None, "n": 1}
    form = parse(b'{"text": "a"}', "a.jsonl").format
    assert with_texts(record, [""], form) == record

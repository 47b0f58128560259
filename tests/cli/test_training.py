"""`cuaderno train`: what cannot be is refused before there is a run."""

import pytest

from cuaderno import cli


@pytest.mark.parametrize(
    "change, words",
    [
        ({"task": "chat", "model": "bert"}, "cannot chat"),
        ({"task": "chat", "model": "folder"}, "bert cannot chat"),
        ({"data": "nowhere.tsv"}, "no file nowhere.tsv"),
        ({"model": "run:nope"}, "There is no run 'nope'"),
    ],
)
def test_what_cannot_be_leaves_no_run_behind(tmp_path, monkeypatch, capsys, change, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "config.json").write_text('{"model_type": "bert"}')
    options = [part for name, value in change.items() for part in (f"--{name}", value)]
    with pytest.raises(SystemExit) as end:
        cli.main(["train", "refine", "--preset", "tiny", *options])
    told = capsys.readouterr().err
    assert end.value.code == 1 and words in told and "run refine-" not in told and "refine-2" not in told
    assert not (tmp_path / "runs").exists()

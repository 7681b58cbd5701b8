"""Sizes and SHA-256 of files, as tasks of the pipeline report them."""

import hashlib

from helixtune import checksums
from helixtune.checksums import fingerprint, main


def test_files_and_those_of_folders_are_listed(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "a b").write_bytes(b"x")
    (tmp_path / "in" / "deep" / "c").touch()
    main(["a b", "in", "not there"])
    x, empty = hashlib.sha256(b"x").hexdigest(), hashlib.sha256().hexdigest()
    assert capsys.readouterr().out.splitlines() == [f"{x} 1 a b", f"{empty} 0 in/deep/c"]


def test_changed_code_has_another_fingerprint(tmp_path, monkeypatch):
    before = fingerprint()
    assert before == fingerprint()
    (tmp_path / "checksums.py").write_text("changed\n")
    monkeypatch.setattr(checksums, "__file__", str(tmp_path / "checksums.py"))
    assert fingerprint() != before
    assert fingerprint().split()[0] == before.split()[0]

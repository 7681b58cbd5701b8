"""Second names of files."""

import os

from helixtune.files import duplicate


def test_a_file_gets_a_second_name_and_no_second_copy(tmp_path):
    (tmp_path / "one").write_text("genes")
    (tmp_path / "link").symlink_to(tmp_path / "one")
    duplicate(tmp_path / "link", tmp_path / "two")
    assert (tmp_path / "one").samefile(tmp_path / "two")
    assert not (tmp_path / "two").is_symlink()


def test_where_it_cannot_the_file_is_copied(tmp_path, monkeypatch):
    def refuse(source, target):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    (tmp_path / "one").write_text("genes")
    duplicate(tmp_path / "one", tmp_path / "two")
    assert (tmp_path / "two").read_text() == "genes"
    assert not (tmp_path / "one").samefile(tmp_path / "two")

"""Where machine code is kept: never in a folder that somebody else can write to."""

import stat
from pathlib import Path

from helixtune import compiled


def test_a_private_folder_is_kept(tmp_path):
    folder = compiled.private_folder(tmp_path / "cache")
    assert folder == tmp_path / "cache"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert compiled.private_folder(folder) == folder


def test_a_folder_open_to_others_or_a_link_is_not_used(tmp_path):
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "link").symlink_to(compiled.private_folder(tmp_path / "mine"))
    for name in ("open", "link"):
        found = compiled.private_folder(tmp_path / name)
        assert found != tmp_path / name
        assert stat.S_IMODE(found.stat().st_mode) == 0o700
        found.rmdir()


def test_without_a_writable_place_code_goes_to_temporary_files(tmp_path, monkeypatch):
    monkeypatch.setattr(compiled.config, "CACHE_DIR", "")
    monkeypatch.setattr(compiled.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path / "missing"))
    compiled.ensure_cache_folder(tmp_path / "nowhere")
    assert Path(compiled.config.CACHE_DIR).parent == tmp_path
    monkeypatch.setattr(compiled.config, "CACHE_DIR", "")
    compiled.ensure_cache_folder(tmp_path)  # beside the package is good enough
    assert compiled.config.CACHE_DIR == ""


def test_where_nothing_can_be_kept_code_is_compiled_each_time(tmp_path, monkeypatch):
    """numba itself stops with "no locator available"."""
    monkeypatch.setattr(compiled.config, "CACHE_DIR", "")
    monkeypatch.setattr(compiled.tempfile, "gettempdir", lambda: str(tmp_path / "file" / "below"))
    (tmp_path / "file").touch()
    monkeypatch.setenv("HOME", str(tmp_path / "missing"))
    assert not compiled.ensure_cache_folder(tmp_path / "nowhere")
    assert compiled.config.CACHE_DIR == ""
    monkeypatch.setattr(compiled.config, "CACHE_DIR", str(tmp_path / "file"))
    assert not compiled.ensure_cache_folder(tmp_path)

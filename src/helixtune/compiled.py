"""How this package compiles its kernels: machine code without the interpreter's lock, kept between runs where possible."""

import os
import tempfile
from pathlib import Path

import numba
from numba.core import config


def private_folder(path: Path) -> Path:
    """Return `path` as a folder of this user alone, or a fresh one: what lies in a cache is run.

    Somebody else may have made a folder of that name in a shared place for temporary files.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.lstat()
    if path.is_symlink() or found.st_uid != os.getuid() or found.st_mode & 0o022:
        return Path(tempfile.mkdtemp(prefix=path.name))
    return path


def _is_writable(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.W_OK)


def ensure_cache_folder(package_folder: Path) -> None:
    """Point numba at a folder for temporary files when it can keep machine code neither beside the package nor at home.

    Containers often have a read-only file system and no home; numba would then refuse to compile anything.
    """
    home = Path(os.path.expandvars("$HOME"))  # numba's second choice is a folder below it
    if not (config.CACHE_DIR or _is_writable(package_folder) or _is_writable(home)):
        config.CACHE_DIR = str(private_folder(Path(tempfile.gettempdir()) / f"helixtune-kernels-{os.getuid()}"))


ensure_cache_folder(Path(__file__).parent)

# No fused or re-ordered floating point (numba's default): costs must equal the reference's in every digit.
compiled = numba.njit(nogil=True, cache=True, error_model="numpy")

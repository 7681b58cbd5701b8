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
    """Return whether a file can be written to the folder, or, where it is still to be made, to the one that it would be made in."""
    while not folder.is_dir() and folder.name in ("__pycache__", "numba", ".cache"):
        folder = folder.parent
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def ensure_cache_folder(package_folder: Path) -> bool:
    """Point numba at a folder for temporary files when it can keep machine code neither beside the package nor at home.

    Containers often have a read-only file system and no home; numba would then refuse to compile anything.

    Returns:
        Whether machine code can be kept anywhere; if not, it is made anew by every process.
    """
    if config.CACHE_DIR:
        return _is_writable(Path(config.CACHE_DIR))
    home = (
        Path(os.environ.get("XDG_CACHE_HOME") or os.path.expandvars("$HOME/.cache")) / "numba"
    )  # numba's second choice
    if _is_writable(package_folder / "__pycache__") or _is_writable(home):
        return True
    try:
        config.CACHE_DIR = str(private_folder(Path(tempfile.gettempdir()) / f"helixtune-kernels-{os.getuid()}"))
    except OSError:
        return False
    return True


CAN_KEEP = ensure_cache_folder(Path(__file__).parent)

# No fused or re-ordered floating point (numba's default): costs must equal the reference's in every digit.
compiled = numba.njit(nogil=True, cache=CAN_KEEP, error_model="numpy")

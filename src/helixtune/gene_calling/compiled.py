"""How this package compiles its kernels: machine code without the interpreter's lock, kept between runs where possible."""

import getpass
import os
import tempfile
from pathlib import Path

import numba
from numba.core import config


def _ensure_cache_folder() -> None:
    """Point numba at a writable cache folder when neither the package's own folder nor the user's would do.

    Containers often have a read-only file system and no home; numba would then refuse to compile anything.
    """
    own = Path(__file__).parent
    if config.CACHE_DIR or os.access(own, os.W_OK):
        return
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    config.CACHE_DIR = str(Path(tempfile.gettempdir()) / f"helixtune-numba-{user}")


_ensure_cache_folder()

# No fused or re-ordered floating point (numba's default): costs must equal the reference's in every digit.
compiled = numba.njit(nogil=True, cache=True, error_model="numpy")

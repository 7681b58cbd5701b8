"""What can be wrong with a user's input: every message is one sentence that names the file, the place and the remedy."""


class HelixtuneError(Exception):
    """Base of all errors that a user can cause; shown without a traceback, exit code 1."""


class InputFileError(HelixtuneError):
    """A file is missing, unreadable or truncated."""


class FormatError(HelixtuneError):
    """A file was read, but its content is not what its format promises."""


class ShapeError(HelixtuneError):
    """Two arrays or files that belong together differ in shape."""


class ParameterError(HelixtuneError):
    """An option has a value that cannot work with this input."""


class ModelFileError(HelixtuneError):
    """A file is not a model that helixtune can read safely."""


class EmptyResultError(HelixtuneError):
    """A stage has nothing to work on, and going on would hide it."""

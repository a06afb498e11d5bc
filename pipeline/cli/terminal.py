"""The terminal: safe characters, safe encodings, one way of reporting errors, exit statuses."""

from __future__ import annotations

import errno
import os
import re
import sys
import traceback
from collections.abc import Callable
from functools import wraps
from typing import NoReturn, ParamSpec

import typer
from rich.console import Console
from rich.text import Text

from gongkai.pipeline.errors import GongkaiError

P = ParamSpec("P")

EXIT_SOME_FAILED = 1
EXIT_CHECK_FAILED = 1
EXIT_NOTHING_TO_CHECK = 6
EXIT_INTERRUPTED = 130
_OUTPUT_ERRNOS = (errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG)
EXIT_CLOSED_PIPE = 141  # what a shell reports for a program ended by SIGPIPE

# A report is text of strangers: escape sequences could rewrite the screen, bidirectional controls reorder it, lone
# surrogates cannot be written at all. Each becomes one visible character, so offsets into the text still hold.
_UNSAFE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\U000e0000-\U000e007f]"
)


def clean(text: str) -> str:
    """Return ``text`` fit for a terminal, of the same length: no control, bidirectional or surrogate characters."""
    return _UNSAFE.sub(_visible, text)


def _visible(match: re.Match[str]) -> str:
    character = match[0]
    if character in "\t\n\r\u2028\u2029":
        return " "
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else "\ufffd"


def safe(text: object, style: str = "") -> Text:
    """Return ``text`` as rich Text: cleaned, and never read as markup."""
    return Text(clean(str(text)), style=style)


class SafeConsole(Console):
    """A console that takes no string for markup and lets a closed pipe through to :func:`guarded`."""

    def on_broken_pipe(self) -> None:
        """Raise instead of ending the process here, so that every command ends in one place."""
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


MAX_WIDTH = 120  # longer lines of Chinese are hard to read


def console(
    *, stderr: bool = False, width: int | None = None, colour: bool = True, cap: int | None = MAX_WIDTH
) -> SafeConsole:
    """Return a console on stdout or stderr.

    Args:
        width: columns; by default the terminal's, at most ``cap``.
        colour: False (or NO_COLOR in the environment) writes no escape sequence at all.
    """
    plain = not colour or bool(os.environ.get("NO_COLOR"))
    made = SafeConsole(
        stderr=stderr,
        width=width,
        color_system=None if plain else "auto",
        markup=False,
        emoji=False,
        highlight=False,
    )
    if width is None and cap is not None and made.width > cap:
        made.width = cap
    return made


def prepare_streams() -> None:
    """Make stdout and stderr take any character: UTF-8 where the encoding knows no Chinese, and never an exception."""
    # A descriptor closed by the caller (">&-") leaves None; what would go there is lost by wish.
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is None:
            continue
        try:
            "公开".encode(stream.encoding or "ascii")
            reconfigure(errors="backslashreplace")
        except (UnicodeEncodeError, LookupError):
            reconfigure(encoding="utf-8", errors="backslashreplace")


def write_stdout(data: bytes) -> None:
    """Write bytes (JSON is UTF-8 whatever the locale) to stdout."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def one_line(error: GongkaiError, path: str | None = None) -> str:
    """Return the error as one line: the input, what is wrong, the code, what to do next."""
    subject = "" if path is None or path in error.message else f"{path}: "
    return clean(f"{subject}{' '.join(error.message.split())} [{error.code}] {error.entry.advice}")


def print_error(text: str) -> None:
    """Print one line to stderr, marked as an error, unbroken however narrow the terminal is."""
    line = Text.assemble(("✗ ", "bold red"), safe(text))
    console(stderr=True, cap=None).print(line, soft_wrap=True)


def guarded(command: Callable[P, None]) -> Callable[P, None]:
    """Wrap a command so that each way of failing ends in its documented exit status, a traceback only for defects."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
            sys.stdout.flush()
        except (typer.Exit, typer.Abort, typer.BadParameter):
            raise
        except GongkaiError as error:
            print_error(one_line(error))
            raise typer.Exit(error.entry.exit_status) from None
        except KeyboardInterrupt:
            print_error("interrupted")
            raise typer.Exit(EXIT_INTERRUPTED) from None
        except OSError as error:
            if error.errno not in _OUTPUT_ERRNOS:
                _report_defect(error)
            _silence_broken_streams()
            if error.errno == errno.EPIPE:
                raise typer.Exit(EXIT_CLOSED_PIPE) from None
            full = GongkaiError("output.unwritable", f"The output cannot be written: {error.strerror}.")
            print_error(one_line(full))
            raise typer.Exit(full.entry.exit_status) from None
        except Exception as error:
            _report_defect(error)

    return run


def _report_defect(error: Exception) -> NoReturn:
    traceback.print_exception(error)
    defect = GongkaiError("internal", f"{type(error).__name__}: {error}")
    print_error(one_line(defect))
    raise typer.Exit(defect.entry.exit_status) from None


def _silence_broken_streams() -> None:
    # The interpreter flushes once more when it ends and would complain; what is left goes to the null device.
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, stream.fileno())
            os.close(null)

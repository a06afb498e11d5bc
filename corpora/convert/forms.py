"""The forms by name."""

from __future__ import annotations

from collections.abc import Callable

from gongkai.corpora.convert import Form
from gongkai.corpora.convert.bio import to_bio
from gongkai.corpora.convert.docbin import from_docbin, to_docbin
from gongkai.corpora.convert.doccano import from_doccano, to_doccano
from gongkai.corpora.convert.label_studio import from_label_studio, to_label_studio
from gongkai.corpora.convert.sentences import ConversionError
from gongkai.corpora.records import CorpusParagraph, dump, json_lines

__all__ = ["ConversionError", "read_form", "write_form"]


def write_form(paragraphs: list[CorpusParagraph], form: Form) -> bytes:
    """Return paragraphs in a form.

    Raises:
        ConversionError: the form cannot hold something of them.
    """
    if form == "docbin":
        return to_docbin(paragraphs)
    writers: dict[str, Callable[[list[CorpusParagraph]], str]] = {
        "doccano": to_doccano,
        "label-studio": to_label_studio,
        "bio": to_bio,
        "jsonl": dump,
    }
    return writers[form](paragraphs).encode()


def read_form(data: bytes, form: Form) -> list[CorpusParagraph]:
    """Read paragraphs from a form.

    Raises:
        ConversionError: the form cannot be read back, or the data is not in it.
    """
    if form == "bio":
        raise ConversionError("BIO holds tags only; it is for reading by other tools and cannot be read back")
    try:
        if form == "docbin":
            return from_docbin(data)
        text = data.decode("utf-8")
        if form == "jsonl":
            return [CorpusParagraph.model_validate_json(line) for line in json_lines(text)]
        return from_doccano(text) if form == "doccano" else from_label_studio(text)
    except ConversionError:
        raise
    except (ValueError, KeyError, TypeError) as error:
        raise ConversionError(f"this is not {form} as Gongkai writes it: {error}") from error

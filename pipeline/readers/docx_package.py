"""The parts of a Word file, unpacked within bounds and parsed without entities."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from lxml import etree

from gongkai.pipeline.config import Limits
from gongkai.pipeline.errors import GongkaiError

MAIN_PART = "word/document.xml"
_TRANSITIONAL = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"  # the same vocabulary (ISO/IEC 29500-1 Strict)
_CHUNK = 1 << 20


class Package:
    """A Word file opened for reading.

    Args:
        data: the whole file.
        limits: ``max_expanded_bytes`` bounds what the archive says it unpacks to and what is really unpacked.

    Raises:
        GongkaiError: ``read.corrupt`` for a damaged archive, ``limit.expanded`` past the bound.
    """

    def __init__(self, data: bytes, limits: Limits):
        self._left = limits.max_expanded_bytes
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise GongkaiError("read.corrupt", f"The Word file's archive cannot be opened: {error}.") from error
        stated = sum(info.file_size for info in self._zip.infolist())
        if stated > limits.max_expanded_bytes:
            raise GongkaiError("limit.expanded", f"The Word file unpacks to {stated} bytes.")

    def part(self, name: str) -> Any | None:
        """Return the root element of an XML part, or ``None`` when the file has no such part.

        Raises:
            GongkaiError: ``read.corrupt`` for broken XML or a DTD, ``limit.expanded`` past the bound.
        """
        try:
            info = self._zip.getinfo(name)
        except KeyError:
            return None
        return _parse(self._unpack(info).replace(_STRICT, _TRANSITIONAL), name)

    def _unpack(self, info: zipfile.ZipInfo) -> bytes:
        # The directory may lie about sizes, so what is unpacked is counted too.
        pieces: list[bytes] = []
        try:
            with self._zip.open(info) as stream:
                while piece := stream.read(_CHUNK):
                    self._left -= len(piece)
                    if self._left < 0:
                        raise GongkaiError("limit.expanded", "The Word file unpacks to more than it states.")
                    pieces.append(piece)
        except GongkaiError:
            raise
        except Exception as error:  # zipfile and its decompressors raise many kinds
            raise GongkaiError("read.corrupt", f"{info.filename} cannot be unpacked: {error}.") from error
        return b"".join(pieces)


def _parse(xml: bytes, name: str) -> Any:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise GongkaiError("read.corrupt", f"{name} is not well-formed XML: {error}.") from error
    if root.getroottree().docinfo.doctype:
        raise GongkaiError("read.corrupt", f"{name} has a document type declaration, which Word never writes.")
    return root

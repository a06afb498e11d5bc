from collections.abc import Callable

import pytest

from gongkai.pipeline.config import Limits, load_config
from gongkai.pipeline.document import GridBlock, SourceDocument, TextBlock
from gongkai.pipeline.readers import read_bytes


@pytest.fixture
def limits() -> Limits:
    return load_config().limits


@pytest.fixture
def read(limits: Limits) -> Callable[..., SourceDocument]:
    def _read(data: bytes | str, name: str) -> SourceDocument:
        return read_bytes(data.encode() if isinstance(data, str) else data, name, limits)

    return _read


@pytest.fixture
def texts() -> Callable[[SourceDocument], list[str]]:
    return lambda document: [block.text for block in document.blocks if isinstance(block, TextBlock)]


@pytest.fixture
def grids() -> Callable[[SourceDocument], list[GridBlock]]:
    return lambda document: [block for block in document.blocks if isinstance(block, GridBlock)]


@pytest.fixture
def rows() -> Callable[[GridBlock], list[list[str | None]]]:
    """Give the texts of a grid position by position; a merged cell stands at each position it covers."""
    return lambda grid: [[cell.text if cell else None for cell in row] for row in grid.matrix()]


@pytest.fixture
def codes() -> Callable[[SourceDocument], list[str]]:
    return lambda document: [diagnostic.code for diagnostic in document.diagnostics]

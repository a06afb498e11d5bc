"""Type-check the packages under the names they are installed by.

The rooms stand at the top level and are mapped to ``gongkai.*`` on installation; mypy follows folders, so a
temporary tree of links gives it the installed layout.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("pipeline", "models", "training", "corpora", "configs")


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "gongkai"
        package.mkdir()
        for source in (ROOT / "pipeline" / "_gongkai").iterdir():
            if source.name != "__pycache__":
                (package / source.name).symlink_to(source)
        for room in ROOMS:
            (package / room).symlink_to(ROOT / room)
        command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), "-p", "gongkai"]
        return subprocess.run([*command, "--cache-dir", str(ROOT / ".mypy_cache")], cwd=folder, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

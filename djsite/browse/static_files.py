"""Static files that work before, without and after ``collectstatic``."""

from __future__ import annotations

from pathlib import Path

from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hashed names for what a manifest lists (the container image collects), plain names otherwise.

    The embedded mode and the tests never collect: WhiteNoise then serves from the apps' own folders
    (``WHITENOISE_USE_FINDERS``), and a file missing from an old manifest cannot take a page down.
    """

    def stored_name(self, name: str) -> str:
        listed: str | None = self.hashed_files.get(self.hash_key(self.clean_name(name)))
        return listed or name


class ServeStaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]
    """WhiteNoise without a warning when the folder for collected files does not exist."""

    def add_files(self, root: str, prefix: str | None = None) -> None:
        if Path(root).is_dir():
            super().add_files(root, prefix)

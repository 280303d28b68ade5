"""What clouds sell, kept on disk: a file for each region, replaced as a whole and read without a lock."""

from autoscaler.catalogue.folder import PLACE, Folder, kept, usual
from autoscaler.catalogue.rows import from_rows

__all__ = ["PLACE", "Folder", "from_rows", "kept", "usual"]

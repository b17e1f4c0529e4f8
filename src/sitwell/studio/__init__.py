"""The studio's server: projects in folders, the song that is open, and a page for one person on this machine."""

from sitwell.studio.desk import Desk
from sitwell.studio.server import serve

__all__ = ["Desk", "serve"]

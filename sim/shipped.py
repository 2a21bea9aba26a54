"""Files that ship with the package. Made in :mod:`sim.base.package_data`."""

from sim.base.package_data import table

__all__ = ["table"]

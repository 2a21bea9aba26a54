"""Re-exports the files that ship with the package, from :mod:`sim.base.package_data`."""

from sim.base.package_data import table

__all__ = ["table"]

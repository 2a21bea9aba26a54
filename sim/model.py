"""One replication of a scenario. Made in :mod:`sim.runs.model`."""

from sim.runs.model import Groundwork, Model

__all__ = ["Groundwork", "Model"]

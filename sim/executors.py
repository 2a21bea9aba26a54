"""Where replications run. Made in :mod:`sim.runs.executors`."""

from sim.runs.executors import Executor, cluster, here, on_cluster, processes

__all__ = ["Executor", "cluster", "here", "on_cluster", "processes"]

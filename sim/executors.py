"""Re-exports the places where replications can run, from :mod:`sim.runs.executors` and :mod:`sim.runs.cluster`."""

from sim.runs.cluster import cluster, on_cluster
from sim.runs.executors import Executor, here, processes

__all__ = ["Executor", "cluster", "here", "on_cluster", "processes"]

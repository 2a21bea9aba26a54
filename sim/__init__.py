"""Discrete-event simulation of the inspection of England's children's services.

How many inspectors, of which role and where, does the programme take, now and as ratings change, and how sure are we?

The way through: :func:`sim.scenario.load` gives a scenario, :class:`sim.model.Model` runs one replication of it,
:func:`sim.ensemble.run` runs many and keeps them in a folder, :mod:`sim.runs.measures` says what is measured.
"""

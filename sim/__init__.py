"""Simulates how England's inspectorate, Ofsted, inspects children's services, as discrete events.

It answers how many inspectors the programme needs, in which roles and regions, now and as ratings change, and how sure
the answer is.

Start here: :func:`sim.scenario.load` loads a scenario, :class:`sim.model.Model` runs one replication of it,
:func:`sim.ensemble.run` runs many replications and keeps them in a folder, and :mod:`sim.runs.measures` defines the
measures.
"""

"""Runs of scenarios: the wiring of a model, measures, ensembles, the store, executors."""

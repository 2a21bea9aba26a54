"""Runs scenarios: wires the model, computes measures, runs ensembles, and keeps results."""

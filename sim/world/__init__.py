"""Simulates the world: clock, people, planner and authorities; the only package that imports SimPy."""

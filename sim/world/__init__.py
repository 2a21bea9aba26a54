"""The simulated world: clock, people, planner, authorities; the only package that imports SimPy."""

"""Inspection frameworks. Made in :mod:`sim.inputs.framework`."""

from sim.inputs.framework import INSPECTIONS, ROLES, Framework, Role

__all__ = ["INSPECTIONS", "ROLES", "Framework", "Role"]

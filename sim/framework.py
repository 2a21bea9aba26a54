"""Re-exports inspection frameworks, from :mod:`sim.inputs.framework`."""

from sim.inputs.framework import INSPECTIONS, KINDS, ROLES, Framework, Role

__all__ = ["INSPECTIONS", "KINDS", "ROLES", "Framework", "Role"]

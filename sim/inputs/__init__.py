"""Reads, checks and describes everything a scenario says: frameworks, authorities, workforce, planning and shocks."""

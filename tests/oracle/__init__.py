"""The offered load by theory: expected numbers of authorities, carried from inspection to inspection without a draw.

It shares the rules of frameworks with the simulation and nothing of its events, so the two check each other.
"""

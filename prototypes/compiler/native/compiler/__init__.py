"""Graphs of primitives to one native program."""

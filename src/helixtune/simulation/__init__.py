"""Simulated species: genomes with realistic genes whose true annotation is known.

Reads nothing but the parameters of a preset and a seed. What it makes is for demonstrations and tests: it shows that the
machinery works, never what a user may gain on a real genome.
"""

"""Probabilities for every base of a genome: rows, overlapping windows, padding. What computes them is an engine's business."""

"""Adapt a Helixer-type gene caller to a genome that nobody has annotated, and measure whether it helped."""

__version__ = "0.1.0"

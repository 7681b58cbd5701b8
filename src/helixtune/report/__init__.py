"""The report: one self-contained HTML page about all genomes of a run."""

"""Gene annotation: read from GFF3 or GTF, made into coding transcripts, and into a class for every base."""

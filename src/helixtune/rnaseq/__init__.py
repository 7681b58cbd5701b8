"""RNA-seq alignments: coverage of every base, by strand, from BAM files."""

"""Gene calling that learns a genome's own signals: splice sites, codons, intron lengths and starts from the genes called last."""

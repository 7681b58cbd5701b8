"""From class probabilities to gene models: candidate regions, a hidden-state model of a gene, its cheapest path, GFF3."""

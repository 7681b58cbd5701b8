"""Parts of a genome worked on apart, so that many machines share one chromosome: places cut into ranges, and results joined."""

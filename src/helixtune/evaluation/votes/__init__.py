"""What speaks for base or tuned genes: one file a vote, each from evidence to an estimated gain and its error."""

"""Which selected subsequences train and which validate."""

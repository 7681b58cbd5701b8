"""Judge gene sets: against a reference, against each other, and against evidence that a gene caller cannot fake."""

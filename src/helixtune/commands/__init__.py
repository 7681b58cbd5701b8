"""One thin module a subcommand: it parses options, calls the stage and writes; it holds no algorithm."""

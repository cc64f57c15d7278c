"""The measurements: each has `add(parser)` for its options and `run(options)`, which returns the lines of its report."""

"""Further commands: one module each, which asks the pipeline and shows what it answers."""

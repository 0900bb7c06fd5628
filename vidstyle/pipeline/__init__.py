"""From jobs to files."""

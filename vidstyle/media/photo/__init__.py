"""Photos: opening, reading and writing them with their colours and metadata."""

"""What moved between two frames, and how still a painting keeps."""

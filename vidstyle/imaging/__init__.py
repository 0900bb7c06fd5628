"""Images as arrays: resizing, colour and detail; independent of files and videos."""

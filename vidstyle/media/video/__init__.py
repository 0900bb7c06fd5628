"""Videos: headers, timestamps, damage, shots, and the decoders of their frames."""

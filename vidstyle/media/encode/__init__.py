"""Encoding: containers, codecs, streams and filters, by ffmpeg and Pillow."""

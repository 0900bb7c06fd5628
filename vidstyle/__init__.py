"""Paint films and photos in the style of a picture."""

__version__ = "0.1.0"

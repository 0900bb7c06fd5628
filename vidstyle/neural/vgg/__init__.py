"""VGG networks: feature maps, and the formats and cache of their weights."""

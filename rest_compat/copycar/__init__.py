"""CopyCar.ai Ultimate ABM API v2, as documented."""

"""The staff console: /console."""

"""Loaded by Rasa: the connector, components and words. Knows no money, no orders."""

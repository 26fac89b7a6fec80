"""Developers' tools: how well a model reads labelled messages, and what it learnt from.

Nothing here runs while customers are served.
"""

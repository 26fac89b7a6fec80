"""Measurements of the running product: every module of this folder is a benchmark.

It has `run() -> list[Measurement]`, or a plain dict of numbers by name. What they
share lies in tools/; in_rasa/ runs in Rasa's own environment.
"""

"""One person's data: where it lies, how it is given out, how it goes (P1, P2).

docs/privacy.md is the map for people; `places.py` is the same map for the machine.
"""

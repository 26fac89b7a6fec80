"""Partners to try with: suppliers, a bank and a mailbox in a process of their own.

They are oracles: each writes down honestly what it was asked to do.
"""

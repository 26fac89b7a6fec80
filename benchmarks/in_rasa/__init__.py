"""Runs in Rasa's environment (Python 3.10), as processes of their own."""

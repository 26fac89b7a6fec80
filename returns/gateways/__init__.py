"""The partners: supplier, payments, mail. Each speaks in model.py and errors.py."""

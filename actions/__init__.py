"""Rasa's custom actions: understood in, one service call, a response name out."""

"""The one process that launches DBOS and does the durable work."""

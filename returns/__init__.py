"""The business of returns: orders, policy, drafts, cases, money, durable work."""

"""What can be asked of the business; each call is one transaction."""

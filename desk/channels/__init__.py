"""Messenger and WhatsApp: Meta's two platforms, by webhook in and by API out."""

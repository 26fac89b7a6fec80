"""The only public door: channels, transcript of record, hand-over to people."""

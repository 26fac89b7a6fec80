"""The demo shop at `/`: a small French shop to try the desk in, never in production."""

"""How messages come in and answers go out: one file per channel, on what they share in base.py."""

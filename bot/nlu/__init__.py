"""Thin adapters that put `bot.understanding` into Rasa's graph, one component per file."""

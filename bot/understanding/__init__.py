"""How a message is understood, as plain functions and classes that do not import Rasa; `bot/nlu` adapts them to it."""

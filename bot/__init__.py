"""The bot's own code: what Rasa lacks for a bilingual, grounded patient-information bot.

Nothing is imported here: `bot.lean` runs at every start of Python and has to stay free of cost.
"""

"""The proof that our answers say only what the document says, and the review list when the document changes.

- `answers.check_answers()` holds every sentence of every answer against the facts that the answer cites.
- `answers.check_facts()` holds the facts against their own figures and terms and against the document's map.
- `document.check_document(text)` holds the facts against the document's current text; `python -m bot.grounding PATH`
  prints it for a person.
"""

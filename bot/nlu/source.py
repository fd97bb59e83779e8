"""What Rasa's training cache has to know besides configuration and data: the code that learns."""

from hashlib import sha256

from bot.settings import ROOT


def fingerprint_of_understanding() -> str:
    """Return a fingerprint of bot/understanding: Rasa would take a model of older code out of its cache otherwise."""
    digest = sha256()
    for path in sorted((ROOT / "bot" / "understanding").glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()

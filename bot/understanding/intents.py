"""The intent classifier at work: two cheap linear views of the same n-grams, mixed into one calibrated ranking.

The views are a linear SVM, one intent against the rest, and the cosine to each intent's centroid. `training.py` learns
them; nothing here needs scikit-learn or SciPy. Everything is kept as arrays and JSON: nothing is unpickled.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.understanding.ngrams import Vocabulary

VIEWS = 2
CENTROID = 1


@dataclass(frozen=True)
class Guess:
    """An intent and how likely it is, from 0 to 1."""

    intent: str
    confidence: float


@dataclass(frozen=True)
class Views:
    """The linear views: `weights` of shape (n-grams, views * intents), `bias` of shape (views * intents,)."""

    weights: np.ndarray
    bias: np.ndarray
    # what a whole number in `weights` is worth, shape (views * intents,): 1 while learning; kept and served as int8,
    # an eighth of the size, the weights lose nothing that shows in a ranking
    unit: np.ndarray

    def score(self, columns: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Return the scores of a text with these n-grams, shape (views, 1, intents)."""
        rows = self.weights[columns].astype(np.float32)
        return (weights @ rows * self.unit + self.bias).reshape(VIEWS, 1, -1)

    def quantised(self) -> "Views":
        """Return the same views with weights of one byte."""
        unit = np.maximum(np.abs(self.weights).max(axis=0), 1e-9) / 127
        return Views(np.rint(self.weights / unit).astype(np.int8), self.bias, unit.astype(np.float32))


@dataclass(frozen=True)
class IntentModel:
    """A trained classifier: `rank` tells how likely each intent is for a text."""

    intents: tuple[str, ...]
    vocabulary: Vocabulary
    views: Views
    mix: np.ndarray  # shape (views,): weight of each view's score
    calibration: np.ndarray  # shape (5,): weights of the features of `confidence_features`

    def rank(self, text: str) -> list[Guess]:
        """Return every intent with its likelihood for `text`, likeliest first.

        The first one's confidence is the calibrated likelihood that it is right; the others share what is left, none of
        them more than the first has.
        """
        columns, weights, known = self.vocabulary.weigh(text)
        scores = self.views.score(columns, weights)
        logits = np.tensordot(self.mix, scores, axes=1)
        features = confidence_features(logits, scores[CENTROID], np.array([known]))
        confidence = float(sigmoid(features @ self.calibration)[0])
        share = softmax(logits)[0]
        order = np.argsort(-share, kind="stable")
        others = share[order[1:]] / (share[order[1:]].sum() or 1.0) * (1 - confidence)
        values = [confidence, *np.minimum(others, confidence).tolist()]
        return [Guess(self.intents[i], value) for i, value in zip(order, values, strict=True)]

    def save(self, folder: Path) -> None:
        """Write the model into `folder` as one JSON file and one file of arrays."""
        described = {"intents": self.intents, "unknown": self.vocabulary.unknown}
        (folder / "intents.json").write_text(json.dumps(described), encoding="utf-8")
        np.savez_compressed(
            folder / "intents.npz",
            keys=self.vocabulary.keys,
            idf=self.vocabulary.idf,
            weights=self.views.weights,
            bias=self.views.bias,
            unit=self.views.unit,
            mix=self.mix,
            calibration=self.calibration,
        )

    @classmethod
    def load(cls, folder: Path) -> "IntentModel":
        """Return the model that `save` wrote into `folder`; raises OSError, ValueError or KeyError if it is damaged."""
        described = json.loads((folder / "intents.json").read_text(encoding="utf-8"))
        with np.load(folder / "intents.npz", allow_pickle=False) as arrays:
            return cls(
                tuple(described["intents"]),
                Vocabulary(arrays["keys"], arrays["idf"], described["unknown"]),
                Views(arrays["weights"], arrays["bias"], arrays["unit"]),
                arrays["mix"],
                arrays["calibration"],
            )


def confidence_features(logits: np.ndarray, cosines: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return what tells whether the top intent is right, shape (texts, 5): bias, margin, likelihood, cosine, known."""
    top_two = np.partition(logits, -2, axis=1)[:, -2:]
    margin = top_two[:, 1] - top_two[:, 0]
    best = logits.argmax(axis=1)
    likelihood = np.log(softmax(logits).max(axis=1) + 1e-9)
    cosine = cosines[np.arange(len(best)), best]
    return np.stack([np.ones(len(best)), margin, likelihood, cosine, known], axis=1)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return each row as shares that add up to 1."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def sigmoid(values: np.ndarray) -> np.ndarray:
    """Return the values squeezed between 0 and 1."""
    return 1 / (1 + np.exp(-values))

"""Learning the intent classifier from the training questions.

The mix of the views and the confidence's calibration are learned from questions that the views have not seen, never
from those they were trained on. docs/understanding.md tells what else was tried.
"""

import math
import multiprocessing
import os
import random
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, vstack
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from bot.understanding.intents import CENTROID, VIEWS, IntentModel, Views, confidence_features, softmax
from bot.understanding.ngrams import Vocabulary, characters, frequencies, key_of, ngrams
from bot.understanding.noise import with_slips

FOLDS = 2
SEED = 20
SVM_PENALTY = 1.0
# ten times looser than the default: not one held-out answer differs, and a third of the time is saved
SVM_TOLERANCE = 1e-2
# an n-gram that stands in fewer training questions than this is a chance find
MIN_QUESTIONS = 2


def train(texts: Sequence[str], labels: Sequence[str]) -> IntentModel:
    """Return a model trained on `texts`, one label each.

    Raises ValueError when an intent has fewer than `FOLDS` questions.
    """
    intents = tuple(sorted(set(labels)))
    target = np.array([intents.index(label) for label in labels])
    if np.bincount(target).min() < FOLDS:
        rare = intents[int(np.bincount(target).argmin())]
        raise ValueError(f"intent {rare!r} has fewer than {FOLDS} training questions")
    rng = random.Random(SEED)
    # slips in every second question: as good as in each of them, and a quarter less to learn from
    counted, grams = _count([*texts, *(with_slips(text, rng) for text in texts[::2])])
    clean, noisy = counted[: len(texts)], counted[len(texts) :]
    # in processes of their own: liblinear has one random generator a process, and a training should be repeatable
    with ProcessPoolExecutor(os.cpu_count(), mp_context=multiprocessing.get_context("fork")) as processes:
        weights, rows, of_rows = _prepare(clean, noisy, target)
        shares = np.array_split(np.arange(len(intents)), min(os.cpu_count() or 1, len(intents) // 2))
        svm = [processes.submit(_svm, rows, of_rows, share) for share in shares]
        scores, known = _held_out_scores(clean, target, len(intents), processes)
        views = _views(rows, of_rows, len(intents), [share.result() for share in svm])
    mix = _learn_mix(scores, target)
    logits = np.tensordot(mix, scores, axes=1)
    calibration = _learn_calibration(confidence_features(logits, scores[CENTROID], known), logits, target)
    known_columns = weights.known()
    keys = np.array([key_of(grams[column]) for column in known_columns], dtype=np.uint64)
    order = np.argsort(keys)
    vocabulary = Vocabulary(keys[order], weights.idf[known_columns][order], weights.unknown)
    served = Views(views.weights[order], views.bias, views.unit).quantised()
    return IntentModel(intents, vocabulary, served, mix, calibration)


def _count(texts: Sequence[str]) -> tuple[csr_matrix, list[str]]:
    """Return the n-gram frequencies of `texts`, shape (texts, n-grams), and the n-grams."""
    columns: dict[str, int] = {}
    data: list[float] = []
    indices: list[int] = []
    ends = [0]
    characters_of = cache(characters)  # the same words come again and again
    for text in texts:
        for gram, frequency in frequencies(ngrams(text, characters_of)).items():
            indices.append(columns.setdefault(gram, len(columns)))
            data.append(frequency)
        ends.append(len(data))
    matrix = csr_matrix((data, indices, ends), shape=(len(texts), len(columns)), dtype=np.float32)
    return matrix, list(columns)


@dataclass(frozen=True)
class _Weights:
    """What each n-gram weighs: 0 for those that training does not know, which count with `unknown` in the norm."""

    idf: np.ndarray  # shape (n-grams,), float32
    unknown: float

    @classmethod
    def learn(cls, frequencies: csr_matrix) -> "_Weights":
        """Return the weights by the training questions, the rows of `frequencies`."""
        total = frequencies.shape[0]
        questions = np.bincount(frequencies.indices, minlength=frequencies.shape[1])
        idf = np.log((1 + total) / (1 + questions)) + 1
        return cls(np.where(questions >= MIN_QUESTIONS, idf, 0).astype(np.float32), math.log(1 + total) + 1)

    def known(self) -> np.ndarray:
        """Return the columns of the n-grams that training knows."""
        return np.flatnonzero(self.idf)

    def weigh(self, frequencies: csr_matrix) -> tuple[csr_matrix, np.ndarray]:
        """Return the rows with their weights, of length 1 counting what is unknown, and each row's known share."""
        idf = self.idf[frequencies.indices]
        weights = frequencies.data * idf
        squares = np.where(idf > 0, weights, frequencies.data * self.unknown) ** 2
        starts = frequencies.indptr[:-1]
        lengths = np.diff(frequencies.indptr)
        known = _row_sums(weights**2, starts, lengths)
        total = np.maximum(_row_sums(squares, starts, lengths), 1e-12)
        rows = csr_matrix(
            (weights / np.repeat(np.sqrt(total), lengths), frequencies.indices, frequencies.indptr), frequencies.shape
        )
        rows.eliminate_zeros()
        return rows, known / total


def _row_sums(values: np.ndarray, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    # reduceat gives an empty row the next row's first value: put those right
    sums = np.add.reduceat(np.append(values, 0), starts) if len(starts) else np.zeros(0)
    return np.where(lengths > 0, sums, 0)


def _prepare(
    clean: csr_matrix, noisy: csr_matrix | None, target: np.ndarray
) -> tuple[_Weights, csr_matrix, np.ndarray]:
    """Return the weights of all n-grams, the rows to learn from, of the known n-grams only, and their intents."""
    # what made slips brought in is not learned as known: it would make unfamiliar texts look familiar
    weights = _Weights.learn(clean)
    rows = weights.weigh(clean)[0]
    if noisy is not None:
        rows = vstack([rows, weights.weigh(noisy)[0]], format="csr")
        target = np.concatenate([target, target[::2]])
    return weights, rows[:, weights.known()], target


def _svm(rows: csr_matrix, target: np.ndarray, intents: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights, shape (intents, n-grams), and biases of these intents, each against all the rest."""
    rest = -1
    labels = np.where(np.isin(target, intents), target, rest)
    fitted = LinearSVC(C=SVM_PENALTY, tol=SVM_TOLERANCE, random_state=SEED).fit(rows, labels)
    if len(fitted.classes_) == 2:  # then there is one row, for the second of them
        return fitted.coef_, fitted.intercept_
    wanted = fitted.classes_ != rest
    return fitted.coef_[wanted], fitted.intercept_[wanted]


def _views(rows: csr_matrix, target: np.ndarray, intents: int, svm: Sequence[tuple[np.ndarray, np.ndarray]]) -> Views:
    members = csr_matrix((np.ones(len(target), dtype=np.float32), (target, np.arange(len(target)))))
    centroid = np.asarray((members @ rows).todense())
    centroid /= np.linalg.norm(centroid, axis=1, keepdims=True) + 1e-9
    weights = np.hstack([*(coefficients.T for coefficients, _ in svm), centroid.T]).astype(np.float32)
    return Views(
        np.ascontiguousarray(weights),
        np.hstack([*(biases for _, biases in svm), np.zeros(intents)]).astype(np.float32),
        np.ones(VIEWS * intents, dtype=np.float32),
    )


def _held_out_scores(
    frequencies: csr_matrix, target: np.ndarray, intents: int, processes: ProcessPoolExecutor
) -> tuple[np.ndarray, np.ndarray]:
    """Return the scores, shape (views, questions, intents), by views trained without the question, and known shares."""
    scores = np.zeros((VIEWS, len(target), intents), dtype=np.float32)
    known_shares = np.zeros(len(target), dtype=np.float32)
    folds = list(StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(np.zeros(len(target)), target))
    parts = [
        processes.submit(_score_fold, frequencies[train], target[train], frequencies[test], intents)
        for train, test in folds
    ]
    for (_, test), part in zip(folds, parts, strict=True):
        scores[:, test], known_shares[test] = part.result()
    return scores, known_shares


def _score_fold(train: csr_matrix, target: np.ndarray, test: csr_matrix, intents: int) -> tuple[np.ndarray, np.ndarray]:
    weights, learned, _ = _prepare(train, None, target)
    views = _views(learned, target, intents, [_svm(learned, target, np.arange(intents))])
    rows, known = weights.weigh(test)
    scores = (rows[:, weights.known()] @ views.weights + views.bias).reshape(test.shape[0], VIEWS, intents)
    return scores.transpose(1, 0, 2), known


def _learn_mix(scores: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the weight of each view that makes the right intents likeliest on held-out questions."""

    def loss(weights: np.ndarray) -> float:
        likelihood = softmax(np.tensordot(weights, scores, axes=1))[np.arange(len(target)), target]
        return float(-np.log(likelihood + 1e-9).mean())

    return np.asarray(minimize(loss, np.full(len(scores), 3.0), method="Nelder-Mead", options={"maxiter": 80}).x)


def _learn_calibration(features: np.ndarray, logits: np.ndarray, target: np.ndarray) -> np.ndarray:
    right = logits.argmax(axis=1) == target
    if right.all() or not right.any():  # nothing to learn from, in the tiny training sets of tests
        return np.array([1.0, 0.0, 1.0, 0.0, 0.0])
    fitted = LogisticRegression(fit_intercept=False, C=10, max_iter=1000).fit(features, right)
    return np.asarray(fitted.coef_[0])

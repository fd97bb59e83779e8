"""`python -m tests.nlu.report`: the figures of the held-out questions, as docs/understanding.md quotes them."""

import sys

from bot.content import topic_ids
from bot.understanding.decision import CRISIS, EMERGENCY, SEVERAL
from tests.nlu.conftest import Understand, loaded_model
from tests.nlu.questions import LANGUAGES, Question, questions, several

DANGER = (EMERGENCY, CRISIS)


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole} ({100 * part / whole:.1f} %)"


def figures(language: str, understand: Understand) -> list[tuple[str, str]]:
    """Return name and figure of each measure for one language."""

    def right(asked: list[Question]) -> int:
        return sum(understand(q.text).intent == q.intent for q in asked)

    topics = questions(language, "topics")
    flags = questions(language, "red_flags")
    others = [q for q in questions(language) if q.intent not in DANGER]
    limits = questions(language, "limits")
    silent = [q for q in limits if q.intent in ("not_in_document", "off_topic")]
    messages = several(language)
    many = [m for m in messages if len(m.topics) > 1]
    one = [m for m in messages if len(m.topics) == 1]
    answers = {*topic_ids(), SEVERAL}
    emergencies = [q for q in flags if q.intent == EMERGENCY]
    crises = [q for q in flags if q.intent == CRISIS]
    rows = [
        ("topic questions: right topic", _share(right(topics), len(topics))),
        (
            "emergencies: call to act",
            _share(sum(understand(q.text).intent in DANGER for q in emergencies), len(emergencies)),
        ),
        (
            "thoughts of suicide: call to act",
            _share(sum(understand(q.text).intent in DANGER for q in crises), len(crises)),
        ),
        (
            "false alarms on all other questions",
            _share(sum(understand(q.text).intent in DANGER for q in others), len(others)),
        ),
        (
            "silent or off topic, answered as a topic",
            _share(sum(understand(q.text).intent in answers for q in silent), len(silent)),
        ),
    ]
    for intent in dict.fromkeys(q.intent for q in limits):
        of_intent = [q for q in limits if q.intent == intent]
        rows.append((f"{intent}: recognised", _share(right(of_intent), len(of_intent))))
    talk = questions(language, "conversation")
    rows.append(("small talk, language, privacy: recognised", _share(right(talk), len(talk))))
    rows.append(
        (
            "red-flag words, nothing now: right reply",
            _share(right(questions(language, "not_now")), len(questions(language, "not_now"))),
        )
    )
    rows.append(
        (
            "several questions: all, in order",
            _share(sum(understand(m.text).topics == m.topics for m in many), len(many)),
        )
    )
    rows.append(
        (
            "stories with one question: only that",
            _share(sum(understand(m.text).topics == m.topics for m in one), len(one)),
        )
    )
    return rows


def main() -> None:
    """Print the figures of both languages side by side."""
    understand = loaded_model()
    columns = [figures(language, understand) for language in LANGUAGES]
    lines = ["| held-out questions | English | French |", "| --- | --- | --- |"]
    lines += [f"| {name} | {english} | {french} |" for (name, english), (_, french) in zip(*columns, strict=True)]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()

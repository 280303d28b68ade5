"""What a policy has learned from its past, in words."""

from autoscaler.explaining.amounts import moment, plural
from autoscaler.explaining.layout import WIDTH, items, page
from autoscaler.model.history import Lesson


def lesson_as_text(lesson: Lesson, *, width: int = WIDTH) -> str:
    """How it runs ahead of the load, and what a replay of the past said of that."""
    return page([f"Learned at {moment(lesson.at)}", *items(_points(lesson), indent=2, width=width)])


def _points(lesson: Lesson) -> list[str]:
    points = [f"the highest count of the last {lesson.hold} stands, with {lesson.ahead} of each rise carried on over {lesson.lead}"]
    if lesson.reserve.milli:
        points.append(f"at least {plural(lesson.floor, 'replica')}: enough for {lesson.reserve} of the last hour")
    if lesson.outlook:
        points.append(f"what it needed a season ago, at today's level: up to {max(lesson.outlook)} within the hour")
    points.append(
        f"over the past this was short {lesson.short} of the time, the plain window {lesson.plain_short}; it cost {lesson.cost} of that one"
    )
    return points

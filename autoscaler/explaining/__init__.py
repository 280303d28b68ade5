"""Pure: stored records become words. Nothing is looked up anew here, and nothing is coloured: that is the command's business."""

from autoscaler.explaining.catalogue_text import catalogue_as_text, old_prices
from autoscaler.explaining.decision_text import bounds_as_text, decided_as_text, decision_as_text
from autoscaler.explaining.forecast_text import forecast_as_text
from autoscaler.explaining.journal_text import journal_as_text
from autoscaler.explaining.lesson_text import lesson_as_text
from autoscaler.explaining.plan_text import plan_as_text, summary
from autoscaler.explaining.sentences import because, sentence
from autoscaler.explaining.status_text import status_as_text
from autoscaler.explaining.step_text import step_as_text

__all__ = [
    "because",
    "bounds_as_text",
    "catalogue_as_text",
    "decided_as_text",
    "decision_as_text",
    "forecast_as_text",
    "journal_as_text",
    "lesson_as_text",
    "old_prices",
    "plan_as_text",
    "sentence",
    "status_as_text",
    "step_as_text",
    "summary",
]

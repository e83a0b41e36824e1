"""The words volume is made of, with plausible shares."""

from __future__ import annotations

from domain.activities import ActivityType
from domain.leads import InsuranceType
from domain.tasks import TaskPriority, TaskStatus, TaskType
from domain.visibility import NoteVisibility


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_NAMES = _words(
    "James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan "
    "Joseph Jessica Thomas Sarah Charles Karen Christopher Lisa Daniel Nancy Matthew Betty Anthony Sandra Mark "
    "Margaret Maria Carlos Ana Luis Sofia Wei Mei Hiroshi Yuki Priya Arjun Fatima Omar Olga Ivan Amara Kwame "
    "Zoe Liam Noah"
)
LAST_NAMES = _words(
    "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson "
    "Anderson Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis "
    "Robinson Walker Young Allen King Wright Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall "
    "Rivera Campbell Mitchell Carter Roberts Chen Kim Patel Singh Khan Kowalski Rossi Dubois Schmidt Novak "
    "Tanaka Okafor"
)
CITIES = (
    ("New York", "NY"),
    ("Buffalo", "NY"),
    ("Los Angeles", "CA"),
    ("San Diego", "CA"),
    ("San Francisco", "CA"),
    ("Chicago", "IL"),
    ("Houston", "TX"),
    ("Dallas", "TX"),
    ("Austin", "TX"),
    ("Phoenix", "AZ"),
    ("Philadelphia", "PA"),
    ("Columbus", "OH"),
    ("Charlotte", "NC"),
    ("Seattle", "WA"),
    ("Denver", "CO"),
    ("Boston", "MA"),
    ("Nashville", "TN"),
    ("Portland", "OR"),
    ("Miami", "FL"),
    ("Atlanta", "GA"),
)
COMPANY_BEGINNINGS = _words(
    "Harbor Cedar Summit Bluebird Lakeshore Pinnacle Redwood Ironworks Coastal Bright Northside Granite Silver "
    "Maple Falcon Prairie Beacon Canyon Atlas Orchard"
)
COMPANY_ENDINGS = _words("Logistics Builders Foods Dental Hotels Analytics Farms Legal Fitness Robotics Schools Energy")
INDUSTRIES = ("Logistics", "Construction", "Food production", "Health care", "Software", "Agriculture", "Education")
PRIVATE_MAIL = ("mail.example", "inbox.example", "post.example")
TAGS = ("high-value", "referral", "newsletter", "callback", "second-car", "homeowner", "family", "student")

SOURCES = {"facebook_ads": 38, "website": 62}
"""The two sources every organization approves."""
STATUSES = {"new": 44, "qualified": 26, "WON": 14, "LOST": 12, "contacted": 4}
INSURANCE: dict[InsuranceType | None, int] = {
    InsuranceType.AUTO: 40,
    InsuranceType.HOME: 20,
    InsuranceType.LIFE: 10,
    InsuranceType.HEALTH: 12,
    InsuranceType.COMMERCIAL: 9,
    InsuranceType.BUNDLE: 5,
    None: 4,
}
VISIBILITIES = {NoteVisibility.TEAM: 60, NoteVisibility.PUBLIC: 30, NoteVisibility.PRIVATE: 10}
PRIORITIES = {TaskPriority.MEDIUM: 50, TaskPriority.HIGH: 25, TaskPriority.LOW: 18, TaskPriority.URGENT: 7}
TASK_TYPES = {
    TaskType.CALL: 30,
    TaskType.FOLLOW_UP: 30,
    TaskType.EMAIL: 18,
    TaskType.QUOTE: 10,
    TaskType.MEETING: 7,
    TaskType.OTHER: 5,
}
TASK_STATUSES = {TaskStatus.OPEN: 40, TaskStatus.COMPLETED: 45, TaskStatus.IN_PROGRESS: 10, TaskStatus.CANCELLED: 5}
REPORTED = {
    ActivityType.CALL_MADE: ("Called and agreed to talk again", 60),
    ActivityType.MEETING_SCHEDULED: ("Meeting scheduled", 15),
    ActivityType.QUOTE_GENERATED: ("Quote generated", 25),
}
"""What somebody reports of a lead, how it is said, and its share."""

NOTES = (
    "Called to talk about the current policy; asked for a comparison by e-mail.",
    "Insured elsewhere until the end of the quarter. Call again two weeks before.",
    "Wants comprehensive coverage with roadside assistance, price matters less.",
    "Could not be reached; left a message with the direct number.",
    "Asked whether a second car or the house can be added later at the same terms.",
    "Compares us with two others and decides within the month.",
)
TITLES = ("Call back", "Send the quote", "Ask for documents", "Arrange a meeting", "Check the references", "Follow up")

"""The demo's school and people: nobody real. Their numbers are of the range that is set aside for stories."""

from dataclasses import dataclass
from types import MappingProxyType

from wiring.settings import WEEKDAYS, SchoolSection

SCHOOL = SchoolSection(
    id="larkspur",
    name="Larkspur School",
    zone="America/Denver",
    covered=dict.fromkeys(WEEKDAYS[:5], ("07:30-16:00",)),
)
LINE_NUMBER = "+15555550100"
PAGER_NUMBER = "+15555550199"


@dataclass(frozen=True)
class Person:
    """A member of staff: how they sign in, in which team they are, which phone is theirs."""

    login: str
    name: str
    team: str
    number: str


PEOPLE = (
    Person("counselor", "Mara Quist", "counseling", "+15555550101"),
    Person("counselor-2", "Jonas Bell", "counseling", "+15555550102"),
    Person("social-worker", "Priya Nandan", "social_work", "+15555550103"),
    Person("liaison", "Tom Ashgrove", "liaison", "+15555550104"),
    Person("district", "Lena Okoye", "district", "+15555550105"),
)
REPORTERS = (("+15555550111", "A student"), ("+15555550112", "Another student"))
TEAMS = ("counseling", "social_work", "liaison", "district")

# Counselors first. The liaison reads only threats and weapons; what is about staff leaves the building.
ROUTES = MappingProxyType(
    {
        "default": ("counseling", "social_work"),
        "threat_violence": ("counseling", "social_work", "liaison"),
        "weapon": ("counseling", "social_work", "liaison"),
        "adult_at_school": ("district",),
    }
)

"""Reads the few TwiML verbs that Tipline's answers use: Message, Say, Gather."""

from dataclasses import dataclass
from xml.etree import ElementTree as ET


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer says aloud, where pressed digits go, its texts and where the end of each is told."""

    spoken: str = ""
    action: str = ""
    texts: tuple[tuple[str, str], ...] = ()


def read(xml: str) -> Answer:
    """The verbs of a TwiML document; an empty body is an empty answer. Raises ParseError on broken XML."""
    if not xml.strip():
        return Answer()
    root = ET.fromstring(xml)  # noqa: S314 - it comes from our own processes on this machine
    spoken = " ".join(" ".join("".join(say.itertext()).split()) for say in root.iter("Say"))
    gather = root.find(".//Gather")
    action = gather.get("action", "") if gather is not None else ""
    texts = tuple(
        ("".join(one.itertext()).strip(), one.get("statusCallback", "")) for one in root.iter("Message")
    )
    return Answer(spoken, action, texts)

"""A whole install's webhooks: each number listens to its own account, and to two tokens while they rotate."""

from twilio.request_validator import RequestValidator

from reporting.web import public_app
from wiring.demo_people import LINE_NUMBER, PAGER_NUMBER
from wiring.ground import Ground
from wiring.public import deps
from wiring.secrets import Secrets

NUMBERS = {"line": LINE_NUMBER, "pager": PAGER_NUMBER}
OTHER = {"line": "pager", "pager": "line"}
PHONE = "+15555550177"


def answer(ground: Ground, role: str, token: str) -> int:
    """What a text to our ``role`` number is answered, signed as the provider's own library signs it."""
    fields = {"MessageSid": f"SM{role}", "From": PHONE, "To": NUMBERS[role], "Body": "", "FromCity": ""}
    address = f"{ground.config.webhook_address}/carrier/sms"
    signature = RequestValidator(token).compute_signature(address, fields)
    client = public_app(deps(ground)).test_client()
    sent = client.post("/carrier/sms", data=fields, headers={"X-Twilio-Signature": signature})
    return sent.status_code


def test_each_number_listens_to_its_own_account_and_to_two_tokens_while_they_rotate(fresh: Ground) -> None:
    tokens = {one: Secrets(fresh.config.folder, "simulator").text(f"carrier-{one}-token") for one in NUMBERS}
    assert tokens["line"] != tokens["pager"]
    for role, other in OTHER.items():
        assert answer(fresh, role, tokens[other]) == 403
        assert answer(fresh, role, tokens[role]) == 200
        assert answer(fresh, role, "the new one") == 403
    Secrets(fresh.config.folder, "public").write("carrier-line-token-secondary", "the new one")
    assert answer(fresh, "line", "the new one") == 200
    assert answer(fresh, "line", tokens["line"]) == 200
    assert answer(fresh, "pager", "the new one") == 403

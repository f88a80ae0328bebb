"""The form: what a reporter sees, sends and gets back."""

from tests.reporting.world import World


def test_form_offers_one_text_box_and_help(world: World) -> None:
    shown = world.client().get("/")
    assert shown.status_code == 200
    assert shown.text.count("<textarea") == 1

"""The web processes as they are built: two doors that do not open onto each other."""

from dataclasses import replace

from casework.web import staff_app
from reporting.web import public_app
from tests.wiring.test_http import serving
from wiring import public, pulse, staff
from wiring.config import Config
from wiring.demo_people import LINE_NUMBER, PAGER_NUMBER, SCHOOL
from wiring.ground import Ground


def test_the_public_process_knows_both_numbers_and_its_address(laid: Ground) -> None:
    settings = public.public_settings(laid.config)
    assert settings.lines == {LINE_NUMBER: SCHOOL.id}
    assert settings.pager_number == PAGER_NUMBER
    assert settings.address == "http://127.0.0.1:8000"


def test_the_form_says_that_nobody_reads_a_demo_and_sets_no_cookie(laid: Ground) -> None:
    client = public_app(public.deps(laid)).test_client()
    answer = client.get("/?lang=en", base_url="http://127.0.0.1:8000")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert "demo" in answer.text.lower()


def test_the_staff_side_is_not_there_under_the_public_name(laid: Ground) -> None:
    client = staff_app(staff.deps(laid)).test_client()
    assert client.get("/sign-in", base_url="http://127.0.0.1:8001").status_code == 200
    assert client.get("/sign-in", base_url=laid.config.public_address).status_code == 421


def test_a_demo_may_use_cookies_without_tls_and_a_real_install_may_not(demo: Config) -> None:
    assert staff.staff_settings(demo).loopback_demo
    install = replace(demo.settings.install, demo=False)
    real = replace(demo, settings=replace(demo.settings, install=install))
    assert not staff.staff_settings(real).loopback_demo


def test_each_web_process_answers_its_own_pulse(laid: Ground) -> None:
    for app in (public_app(public.deps(laid)), staff_app(staff.deps(laid))):
        with serving(app) as (port, _, _):
            assert pulse.answers(("127.0.0.1", port))

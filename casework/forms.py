"""What members may send, and its limits. Validators name a code; templates hold the words for it."""

from typing import Final

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    PasswordField,
    RadioField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, EqualTo, Length, NumberRange
from wtforms.widgets import HiddenInput

from vault.passwords import LONGEST

LONGEST_REPLY: Final = 10_000
LONGEST_NOTE: Final = 4_000
CONTACTS: Final = ("reached", "not_identifiable", "not_enrolled")
BASES: Final = ("life", "law", "asked")
FINDINGS: Final = (
    "substantiated",
    "partly",
    "unable_to_say",
    "unfounded",
    "prank",
    "malicious",
    "duplicate",
    "drill",
)


class SignInForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """``back`` is where to go afterwards; ``draft`` is a reply that a dead session must not lose."""

    login = StringField(validators=[DataRequired("required"), Length(max=200, message="too_long")])
    password = PasswordField(validators=[DataRequired("required"), Length(max=LONGEST, message="too_long")])
    code = StringField(validators=[Length(max=20, message="too_long")])
    back = HiddenField()
    draft = HiddenField()


class PasswordForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """A new password, typed twice, by somebody who still knows the old one."""

    password = PasswordField(validators=[DataRequired("required"), Length(max=LONGEST, message="too_long")])
    new = PasswordField(validators=[DataRequired("required"), Length(max=LONGEST, message="too_long")])
    again = PasswordField(validators=[EqualTo("new", "different")])


class JoinForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """An invitation's code, and the password that its bearer chooses."""

    code = StringField(validators=[DataRequired("required"), Length(max=200, message="too_long")])
    new = PasswordField(validators=[DataRequired("required"), Length(max=LONGEST, message="too_long")])
    again = PasswordField(validators=[EqualTo("new", "different")])


class FactorForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """``secret`` (Base32) is what the app was shown; ``code`` proves that it has it. Neither: stop."""

    password = PasswordField(validators=[DataRequired("required"), Length(max=LONGEST, message="too_long")])
    secret = HiddenField(validators=[Length(max=64, message="too_long")])
    code = StringField(validators=[Length(max=20, message="too_long")])


class ReplyForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """``seen`` is how many messages the member had before them; ``anyway`` confirms a long text."""

    text = TextAreaField(validators=[DataRequired("required"), Length(max=LONGEST_REPLY, message="too_long")])
    seen = IntegerField(widget=HiddenInput(), validators=[NumberRange(min=0, message="required")])
    anyway = BooleanField()
    prompt = HiddenField()


class RouteForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """``seen`` as in ReplyForm; ``team`` is one of those that the view offered."""

    seen = IntegerField(widget=HiddenInput(), validators=[NumberRange(min=0, message="required")])
    team = StringField(validators=[DataRequired("required"), Length(max=64, message="too_long")])
    note = TextAreaField(validators=[Length(max=LONGEST_NOTE, message="too_long")])


class OfferForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """``colleague``: the id of one of those that the view offered."""

    colleague = StringField(validators=[DataRequired("required"), Length(max=64, message="too_long")])
    note = TextAreaField(validators=[Length(max=LONGEST_NOTE, message="too_long")])


class NumberForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """Why somebody must see a texter's number."""

    basis = RadioField(
        choices=[*BASES], invalid_choice_message="required", validators=[DataRequired("required")]
    )
    reason = TextAreaField(
        validators=[DataRequired("required"), Length(max=LONGEST_NOTE, message="too_long")]
    )


class CloseForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """``seen`` as in ReplyForm: nobody closes past a message they have not seen."""

    seen = IntegerField(widget=HiddenInput(), validators=[NumberRange(min=0, message="required")])
    contact = RadioField(
        choices=[*CONTACTS], invalid_choice_message="required", validators=[DataRequired("required")]
    )
    finding = RadioField(
        choices=[*FINDINGS], invalid_choice_message="required", validators=[DataRequired("required")]
    )
    note = TextAreaField(validators=[Length(max=LONGEST_NOTE, message="too_long")])

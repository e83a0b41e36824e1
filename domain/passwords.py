"""What a new password must not be: short, everybody's, one's own name, or a pattern (NIST SP 800-63B, 3.1.1.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from domain.errors import invalid
from domain.texts import storable

LONGEST = 256
"""Far beyond what people type; longer ones would only make hashing dear."""

_WORDS = """
1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx 1qaz2wsx3edc abcd1234 access admin admin123 administrator
adminadmin alexander america andrea andrew anthony apple arsenal asdfasdf asdfgh asdfghjkl ashley babygirl
bailey barcelona baseball basketball batman benjamin blink182 brandon buster butterfly camaro changeme
changemenow charlie cheese chelsea chicken chocolate computer cookie correcthorsebatterystaple corvette
daniel default diamond dolphin dragon elizabeth everton facebook falcon ferrari football forever freedom friends
gandalf ginger gfhjkm google guest hannah harley heather hello hockey hunter hunter2 iloveyou
internet jasmine jasper jennifer jessica jordan jordan23 joshua justin killer letmein letmeinplease liverpool
login lovely loveme lovely maggie manager marina martin master matrix matthew maverick mercedes merlin
michael michelle midnight monkey monster mustang mypassword nicholas nicole nothing oliver orange
pass passphrase passw0rd password passwort patrick peanut pepper phoenix pokemon princess private purple
q1w2e3r4 q1w2e3r4t5 qazwsx qazwsxedc qwer1234 qwerasdf qwerasdfzxcv qwert qwerty qwertyuiop rainbow ranger richard
robert root samantha samsung scooter secret secret123 security service shadow slipknot soccer spiderman
starwars steelers summer sunshine superman superstar support test testing thisisapassword thomas thunder
tigger trustno1 trigraph user victoria welcome whatever william winter yankees zaq12wsx zxcvbn zxcvbnm
"""
_COMMON = frozenset(_WORDS.split())
"""Words that lists of leaked passwords begin with; digits and marks around them do not make them better."""
_UNSPELT = str.maketrans("@013457$!", "aoleastsi")
_ROWS = ("1234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm")
_FEWEST_CHARACTERS = 5
"""Different ones; a password of fewer is a pattern."""
_SHORTEST_NAME = 4
"""Characters of a name or address that is looked for inside a password; shorter ones are in many words."""
_TOO_EASY = (
    "This password is among the first that others would try. Choose another one, such as four or five random words."
)


def check(password: str, email: str, name: str, shortest: int) -> None:
    """Let a new password of somebody pass, or say what is wrong with it, never repeating it.

    Raises:
        DomainError: INVALID naming `password`.
    """
    if len(password) < shortest:
        raise invalid("password", f"The password must have at least {shortest} characters.")
    if len(password) > LONGEST:
        raise invalid("password", f"The password must have at most {LONGEST} characters.")
    if not storable(password):
        raise invalid("password", "The password holds a character that cannot be used.")
    plain = password.casefold()
    if any(own in plain for own in _own_words(email, name)):
        raise invalid("password", "The password must not contain your name or e-mail address.")
    if _common(plain) or _pattern(plain):
        raise invalid("password", _TOO_EASY)


def _own_words(email: str, name: str) -> Iterator[str]:
    local = email.partition("@")[0]
    whole = (email, local, name, name.replace(" ", ""))
    yield from (each.casefold() for each in whole if len(each) >= _SHORTEST_NAME)


def _common(plain: str) -> bool:
    joined = re.sub(r"[\W_]+", "", plain)
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)
    variants = {plain, joined, core, core.translate(_UNSPELT), joined.translate(_UNSPELT)}
    return any(each in _COMMON or _once(each) in _COMMON for each in variants)


def _once(text: str) -> str:
    """What a text repeats: `passwordpassword` says `password` twice."""
    found = re.fullmatch(r"(.+?)\1+", text)
    return found[1] if found else text


def _pattern(plain: str) -> bool:
    few = len(set(plain)) < _FEWEST_CHARACTERS
    short = len(_once(plain)) < _FEWEST_CHARACTERS
    times = len(plain) // len(_ROWS[0]) + 2
    return few or short or any(plain in times * row or plain in times * row[::-1] for row in _ROWS)

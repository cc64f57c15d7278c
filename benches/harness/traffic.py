"""Signed voice webhooks: a file of lines `signature TAB body`, each a call of its own.

`python traffic.py FILE COUNT FIRST` writes one. Twilio's helper would take longer to sign than the measurement takes, so
the signatures are made here and compared with the helper's on a hundred requests.
"""

import base64
import hashlib
import hmac
import os
import random
import subprocess
import sys
from urllib.parse import urlencode

ACCOUNT, TOKEN = "AC" + "a" * 32, "0123456789abcdef0123456789abcdef"
URL = "https://mccc.example.test/webhooks/twilio/voice"
BUSINESSES = 2000
CITIES = [("CHICAGO", "IL", "60601"), ("AUSTIN", "TX", "73301"), ("BROOKLYN", "NY", "11201"), ("", "CA", "")]


def number_of(business):
    """The number of the business with this index."""
    return f"+1773{2_000_000 + business}"


# Exchanges that a caller may have: no service codes (N11), none for invented numbers (555), none beyond 899, where
# premium ones (976) and test ones (958, 959) are.
EXCHANGES = [exchange for exchange in range(220, 900) if exchange % 100 != 11 and exchange != 555]


def caller(index):
    """A number that a text can be sent to, another for each index up to six million."""
    exchange, line = divmod(index * 7919 % (len(EXCHANGES) * 10_000), 10_000)
    return f"+1312{EXCHANGES[exchange]}{line:04d}"


def call(index, pick):
    """The form of the call with this index."""
    ours, theirs = number_of(pick.randrange(BUSINESSES)), caller(index)
    city, state, code = pick.choice(CITIES)
    place = {"City": city, "Country": "US", "State": state, "Zip": code}
    form = {
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
        "CallSid": f"CA{pick.getrandbits(96):024x}{index:08x}",
        "CallStatus": "ringing",
        "Direction": "inbound",
        "StirVerstat": "TN-Validation-Passed-A",
    }
    for role, number in (("From", theirs), ("Caller", theirs), ("To", ours), ("Called", ours)):
        form[role] = number
        form.update({role + part: value for part, value in place.items()})
    return form


def sign(form):
    """The signature as Twilio documents it: the URL, then names and values in order, HMAC-SHA1."""
    text = URL + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(TOKEN.encode(), text.encode(), hashlib.sha1).digest()).decode()


def signed(count, first=0):
    """Signed requests with the indexes from `first`."""
    pick = random.Random(first)
    for index in range(first, first + count):
        form = call(index, pick)
        yield sign(form), urlencode(form)


def compared_with_helper():
    """Whether Twilio's helper is here and signs as this file does."""
    try:
        from twilio.request_validator import RequestValidator
    except ImportError:
        return False
    helper, pick = RequestValidator(TOKEN), random.Random(1)
    forms = [call(index, pick) for index in range(100)]
    if any(helper.compute_signature(URL, form) != sign(form) for form in forms):
        sys.exit("the signatures made here differ from those of Twilio's helper")
    return True


def file(folder, count, first=0, python=sys.executable):
    """The file with these requests, made on first use."""
    path = folder / f"signed-{first}-{count}.tsv"
    if not path.exists():
        subprocess.run([python, __file__, path, str(count), str(first)], check=True)
    return path


if __name__ == "__main__":
    if not compared_with_helper():
        print("Twilio's Python helper is not installed: the signatures are compared with nothing", file=sys.stderr)
    with open(sys.argv[1] + ".part", "w", encoding="ascii") as out:
        for signature, body in signed(int(sys.argv[2]), int(sys.argv[3])):
            out.write(f"{signature}\t{body}\n")
    os.replace(sys.argv[1] + ".part", sys.argv[1])

"""What is private and what only looks like it, kind by kind."""

import pytest

from spacy_distill.teacher.masking.strings import KINDS, find_strings

REGIONS = ("US", "GB", "DE", "FR", "IN")


def found(text, kinds=KINDS, names=()):
    return [(x.kind, text[x.start : x.end]) for x in find_strings(text, kinds, REGIONS, names)]


EMAILS = [
    "anna@example.com",
    "anna.meier+news@mail.example.co.uk",
    "ANNA@EXAMPLE.ORG",
    "o'brien@example.ie",
    "a_b-c%d@ex-ample.museum",
    "müller@bücher.example",
    "用户@例子.测试",
    "anna@xn--bcher-kva.example",
    "anna\uff20example.com",
    '"anna.meier"@example.com',
]
PHONES = [
    "+1 415 555 2671",
    "+14155552671",
    "(415) 555-2671",
    "415.555.2671",
    "415-555-2671",
    "+44 20 7946 0958",
    "020 7946 0958",
    "07700 900123",
    "+49 (0)171 2345678",
    "0171-2345678",
    "0171/2345678",
    "0049 171 2345678",
    "+33 6 12 34 56 78",
    "06 12 34 56 78",
    "+91 98765 43210",
    "+81-3-1234-5678",
    "+86 138 0013 8000",
    "+55 11 91234-5678",
    "+61 2 9374 4000",
    "+49\u00a0171\u00a02345678",
    "+49 171\u20132345678",
    "\u0660\u0661\u0667\u0661-\u0662\u0663\u0664\u0665\u0666\u0667\u0668",
]
CARDS = [
    "4111111111111111",
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "4111\u00a01111\u00a01111\u00a01111",
    "4222222222222",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "3782 822463 10005",
    "30569309025904",
    "3530111333300000",
    "6011111111111117",
    "6304000000000000",
    "4\uff11\uff11\uff11111111111111",
]
IBANS = [
    "DE89370400440532013000",
    "DE89 3704 0044 0532 0130 00",
    "de89 3704 0044 0532 0130 00",
    "DE89-3704-0044-0532-0130-00",
    "GB29 NWBK 6016 1331 9268 19",
    "FR14 2004 1010 0505 0001 3M02 606",
    "NO93 8601 1117 947",
    "NL91ABNA0417164300",
    "BE68 5390 0754 7034",
    "MT84 MALT 0110 0001 2345 MTLC AST0 01S",
    "CH93 0076 2011 6238 5295 7",
    "BR18 0036 0305 0000 1000 9795 493C 1",
]
ADDRESSES = [
    "192.168.10.12",
    "8.8.8.8",
    "255.255.255.255",
    "10.001.020.003",
    "2001:db8::1",
    "2001:0db8:85a3:0000:0000:8a2e:0370:7334",
    "::1",
    "::ffff:192.0.2.1",
    "fe80::1%eth0",
]
PRIVATE = [
    (kind, string)
    for kind, strings in zip(KINDS, (EMAILS, IBANS, CARDS, ADDRESSES, PHONES), strict=True)
    for string in strings
]


@pytest.mark.parametrize("around", ["{}", "Is it {}?", "({}).", "a: {}, b", "see\n{}\nthere"])
@pytest.mark.parametrize(("kind", "string"), PRIVATE)
def test_strings_private_ones_are_found_whole(kind, string, around):
    assert found(around.format(string)) == [(kind, string)]


@pytest.mark.parametrize(
    "text",
    [
        "Thanks, @anna_m and root@localhost, 5 @ 3.99, 5@3.99 and react@18.2.0",
        "On 12/11/2023, 2023-11-12 10:30, 12.11.2023, 2024-05-17 08:42:11,907 and 1999-2003",
        "It costs 1,234,567.89 EUR, €1.234.567,89 or $4155552671, at 3.14159265 each",
        "Version 2.1.4, v1.2.3.4, version 10.0.19041.1, firmware 3.0.0.4, build: 10.0.0.1",
        "Order 4155552671, order no. 415-555-2671, order number is 4155552671",
        "Invoice #4155552671, tracking 8840193211, ticket 558-20417, RMA R-40017",
        "Bestellung 0171 2345678, Rechnungsnummer: 0171-2345678, Kundennr. 0171 2345678",
        "Order 5580-1937, 771-0092, 99-20418, LP9940021873, OC-440-9127, FR-5502-118",
        "4111 1111 1111 1112 has a wrong digit, 1234567812345670 no issuer, nor has 0000000000000000",
        "IMEI 356938035643809, EAN 4006381333931, ISBN 978-3-16-148410-0",
        "DE88 3704 0044 0532 0130 00 has a wrong digit, XX12 3456 7890 1234 no country, DE89 no end",
        "256.1.1.1, 1.2.3, 1.2.3.4.5, 10.0.0 and 12:30:45 are none, nor is std::vector or a::b",
        "MAC 00:1A:2B:3C:4D:5E, ratio 16:9, aspect 4:3, at 10:11:12: done, :: and :",
        "110bcd25-a55d-453a-8046-1297901ea002 and 9f86d081884c7d659a2feaa0c55ad015",
        "My phone has 12345678 songs less than 2023; my mobile app says version 20240517",
        "Ring me on 12/11/2023, or call me on 12.11.2023",
        "",
    ],
)
def test_strings_others_stay(text):
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("My number is 555-0142.", "555-0142"),
        ("just ring me on 555-0142", "555-0142"),
        ("I can be reached in the mornings on 555-0147.", "555-0147"),
        ("would like to talk, 555-0142 reaches me", "555-0142"),
        ("Just in case: 0171 2345678", "0171 2345678"),
        ("WhatsApp: 9876543210123", "9876543210123"),
        ("tel=5550142", "5550142"),
        ("Mein Handy: 8765 4321", "8765 4321"),
        ("Ich bin erreichbar unter 8765432.", "8765432"),
        ("Téléphone : 12 34 56 78", "12 34 56 78"),
    ],
)
def test_strings_local_numbers_are_found_where_the_text_calls_them_so(text, number):
    assert found(text) == [("phone", number)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4111 1111 1111 1111 12/27 123", ["4111 1111 1111 1111"]),
        ("4111 1111 1111 1111 5555 5555 5555 4444", ["4111 1111 1111 1111", "5555 5555 5555 4444"]),
        ("12 4111 1111 1111 1111", ["4111 1111 1111 1111"]),
        ("IBANDE89370400440532013000", ["DE89370400440532013000"]),
        ("DE89 3704 0044 0532 0130 00 is mine", ["DE89 3704 0044 0532 0130 00"]),
        ("10.0.0.1:8080 and 10.0.0.0/8", ["10.0.0.1", "10.0.0.0"]),
        ("http://[2001:db8::5]:443/x", ["2001:db8::5"]),
        ("2001:db8::5: no answer", ["2001:db8::5"]),
        ("mailto:anna@example.com?subject=x", ["anna@example.com"]),
        ("<anna@example.com>,ben@example.com;", ["anna@example.com", "ben@example.com"]),
        ("0171234567@example.com", ["0171234567@example.com"]),
        ("anna@example.com请联系", ["anna@example.com"]),
    ],
)
def test_strings_neighbours_stay(text, expected):
    assert [string for _, string in found(text)] == expected


@pytest.mark.parametrize(("kind", "string"), PRIVATE)
def test_strings_only_of_the_kinds_asked_for(kind, string):
    assert [x for x, _ in found(string, kinds=[x for x in KINDS if x != kind]) if x == kind] == []


def test_strings_national_numbers_need_their_region():
    text = "0171 2345678 and +49 171 2345678"
    assert [x.start for x in find_strings(text, ["phone"], [])] == [17]
    assert [x.start for x in find_strings(text, ["phone"], ["DE"])] == [0, 17]


def test_strings_repeated_ones_are_found_as_whole_words():
    assert found("Call me: 555 0142! 555 0142, not A555 0142.")[1:] == [("phone", "555 0142")]
    assert found("Al, also Al", names=[(0, 2)]) == [("name", "Al"), ("name", "Al")]


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("Dear Anna Smith,", (4, 16), ["Anna Smith"]),
        ("Anna anna@example.com", (0, 21), ["Anna", "anna@example.com"]),
        ("Anna\nSmith", (0, 10), ["Anna", "Smith"]),
        ("12 34", (0, 5), []),
        ("...", (0, 3), []),
    ],
)
def test_strings_names_are_trimmed_and_cut(text, name, expected):
    assert [string for _, string in found(text, names=[name])] == expected

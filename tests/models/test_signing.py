"""Signatures are those of AWS Signature Version 4, by its own example."""

from datetime import UTC, datetime

from models.signing import Signer

EXAMPLE = Signer("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1")
MAY = datetime(2013, 5, 24, tzinfo=UTC)


def test_the_example_of_the_documentation_is_signed_alike() -> None:
    url = EXAMPLE.address("GET", "https://examplebucket.s3.amazonaws.com/test.txt", 86400, MAY)
    assert url == (
        "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
        "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    )


def test_an_address_lives_a_week_at_most_and_tells_no_secret() -> None:
    url = EXAMPLE.address("GET", "https://b.test/x", 10**9, MAY, {"a b": "c/d+é"})
    assert "X-Amz-Expires=604800&" in url
    assert "a%20b=c%2Fd%2B%C3%A9" in url
    assert "wJalr" not in url + repr(EXAMPLE)

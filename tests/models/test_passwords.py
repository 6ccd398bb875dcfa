"""A password fits the hash that any of the old libraries made of it, and no other."""

import pytest

from models.passwords import Passwords

SCRYPT = (
    "scrypt:32768:8:1$testsalt$e80f9c8979b42f0ffc6c8c3770090594e4a7de817704473e46034d659cc106a5"
    "a7d26e3241b1338596aac750e9863395ce1933ed5efe4ba3e7a5a5378d0ed611"
)
PBKDF2 = "pbkdf2:sha256:1000000$testsalt$0c8aea1411ccf649744aa13908cb78bfac4196170ff16c1f7d7450868828f16e"
BCRYPT = "$2b$04$abcdefghijklmnopqrstuukIPMvMTJviSj4tZSaBERVEVDHY8sM3q"
ARGON2 = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$eO0xLBEXpQkvgkmIJhpdKA"


@pytest.mark.parametrize(
    ("password", "stored"),
    [("correct horse", SCRYPT), ("correct horse", PBKDF2), ("bcrypt-secret", BCRYPT)],
)
async def test_hashes_of_old_servers_fit(passwords: Passwords, password: str, stored: str) -> None:
    assert await passwords.verify(password, stored) is True
    assert await passwords.verify(password + "x", stored) is False


@pytest.mark.parametrize(
    "stored",
    [
        None,
        "",
        "hunter2",
        "md5$salt$9dd4e461268c8034f5c8564e155c67a6",
        "scrypt:1:2$salt$00",
        "scrypt:x:8:1$salt$00",
        "scrypt:1180591620717411303424:8:1$salt$00",
        "pbkdf2:nope:1$salt$00",
        "pbkdf2:sha256:0$salt$00",
        "pbkdf2:sha256:1$salt$ü",
        "$2b$99$abcdefghijklmnopqrstuukIPMvMTJviSj4tZSaBERVEVDHY8sM3q",
        ARGON2,
    ],
)
async def test_what_is_no_hash_fits_nothing(passwords: Passwords, stored: str | None) -> None:
    assert await passwords.verify("hunter2", stored) is False


@pytest.mark.parametrize(("form", "start"), [("werkzeug", "scrypt:32768:8:1$"), ("argon2", "$argon2id$")])
async def test_each_form_that_is_written_is_verified(form: str, start: str) -> None:
    passwords = Passwords(form)
    try:
        stored = await passwords.hash("密码🔑 mit Größe")
        assert stored.startswith(start)
        assert await passwords.verify("密码🔑 mit Größe", stored) is True
        assert await passwords.verify("密码", stored) is False
    finally:
        passwords.close()


async def test_bcrypt_looks_at_72_bytes_only(passwords: Passwords) -> None:
    stored = "$2b$04$abcdefghijklmnopqrstuuNt.0ah97gHY3F7JC1Z6EXmQc0bQBhIO"
    assert [await passwords.verify("p" * length, stored) for length in (71, 72, 80)] == [False, True, True]
    assert await passwords.verify("with\0nul", BCRYPT) is False


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(ValueError, match="'md5' is no form of password hash; choose one of werkzeug, argon2"):
        Passwords("md5")

"""Letters in a folder."""

from email import message_from_bytes
from email.policy import default
from pathlib import Path

from schema.context import NO_MAIL
from server.mail import mailer_from


async def test_a_letter_is_a_file_of_its_own(tmp_path: Path) -> None:
    mail = mailer_from(
        {"LOCKSTEP_MAIL_FOLDER": str(tmp_path / "out"), "FRONTEND_URL": "https://family.test/"}
    )
    for _ in range(2):
        await mail.verification("ada@example.test", "a/b")
    letters = sorted((tmp_path / "out").iterdir())
    assert [letter.suffix for letter in letters] == [".eml", ".eml"]
    letter = message_from_bytes(letters[0].read_bytes(), policy=default)
    assert (letter["To"], letter["From"]) == ("ada@example.test", "nobody@localhost")
    assert "https://family.test/verify-email?token=a%2Fb" in letter.get_content()


async def test_an_address_makes_no_header(tmp_path: Path) -> None:
    mail = mailer_from({"LOCKSTEP_MAIL_FOLDER": str(tmp_path)})
    await mail.verification('"a\r\nBcc: everybody@example.test"@example.test', "token")
    (path,) = tmp_path.iterdir()
    assert "Bcc" not in message_from_bytes(path.read_bytes(), policy=default)


def test_without_a_folder_there_are_no_letters() -> None:
    assert mailer_from({}) is NO_MAIL

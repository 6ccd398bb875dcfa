"""Demo data: courses, a learner and her cards, and a family tree: a new server has something to show."""

from datetime import datetime, timedelta
from typing import Any

from beanie import Document

from models import demo_family, transactions
from models.characters import Character
from models.counters import Numbered, leave_behind
from models.courses import Course, CourseContent
from models.enrollments import Enrollment
from models.invitations import Invitation
from models.moments import Moment
from models.passwords import Passwords
from models.raw import stored_form
from models.reviews import Review
from models.users import User

EMAIL = "learner@example.com"
PASSWORD = "learn-mandarin"  # nosec B105  # printed in the README; the demo user has nothing to hide
INVITATIONS = 5

COURSES: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    (
        "HSK 1: First words",
        "Greetings, numbers and the sounds of Mandarin, from nothing.",
        (
            ("The four tones", "mā, má, mǎ, mà: the same syllable, four words. Listen first, then speak."),
            ("Greetings", "你好 nǐ hǎo, hello. 谢谢 xièxie, thank you. 再见 zàijiàn, goodbye."),
            ("Numbers to ten", "一 yī, 二 èr, 三 sān, 四 sì, 五 wǔ, 六 liù, 七 qī, 八 bā, 九 jiǔ, 十 shí."),
            ("My family", "我妈妈 wǒ māma, my mother. Close family needs no 的."),
            ("This and that", "这是书。Zhè shì shū. This is a book. 那是水。Nà shì shuǐ. That is water."),
            ("Asking with 吗", "你好吗？A statement becomes a question with 吗 ma at its end."),
        ),
    ),
    (
        "HSK 2: Around town",
        "Shopping, directions and plans for the weekend.",
        (
            ("How much is it?", "多少钱？Duōshao qián? Prices in 块 kuài and 毛 máo."),
            ("Left and right", "左边 zuǒbian, 右边 yòubian, 前面 qiánmiàn: where things are."),
            ("Telling the time", "三点半 sān diǎn bàn, half past three. Large units come before small ones."),
            ("Finished actions", "我吃了。The particle 了 le tells that something is done."),
            ("Comparing with 比", "今天比昨天热。Today is hotter than yesterday."),
        ),
    ),
    (
        "HSK 3: Telling stories",
        "Longer sentences: what happened, why, and what it was like.",
        (
            ("The 把 sentence", "我把书放在桌子上。What is done to the book comes before the verb."),
            ("Because, therefore", "因为 yīnwèi … 所以 suǒyǐ …: Chinese likes both halves of the pair."),
            ("Experiences with 过", "我去过北京。I have been to Beijing, at some time or other."),
            ("Result complements", "听懂 tīngdǒng, to hear and understand; 看完 kànwán, to read to the end."),
            ("While and as soon as", "一边走一边说, to walk and talk; 一到家就睡, asleep as soon as home."),
            ("A letter home", "亲爱的爸爸妈妈：… Put the grammar of this course into ten sentences."),
        ),
    ),
    (
        "Radicals: how characters are built",
        "Two hundred parts make most of the characters. These come first.",
        (
            ("Water 氵", "海 sea, 河 river, 洗 to wash: three drops on the left say that water is near."),
            ("Person 亻", "你 you, 他 he, 们 plural: 人 stands upright beside another part."),
            ("Mouth 口", "吃 to eat, 喝 to drink, 吗 and 呢: what is said or swallowed."),
            ("Tree 木", "林 grove, 森 forest, 桌 table: count the trees."),
            ("Speech 讠", "说 to speak, 话 words, 谁 who: two strokes for 言."),
        ),
    ),
)
CHARACTERS = """
一 yī one|二 èr two|三 sān three|人 rén person|大 dà big|小 xiǎo small|中 zhōng middle|国 guó country
我 wǒ I|你 nǐ you|他 tā he|好 hǎo good|水 shuǐ water|火 huǒ fire|山 shān mountain|日 rì sun
月 yuè moon|木 mù tree|口 kǒu mouth|手 shǒu hand|心 xīn heart|女 nǚ woman|子 zǐ child|学 xué to learn
书 shū book|说 shuō to speak|吃 chī to eat|喝 hē to drink|看 kàn to look|爱 ài love|家 jiā home|天 tiān sky
"""
# Repetition, easiness, interval in days, and hours since the review became due.
CARDS: tuple[tuple[int, float, int | float, float], ...] = (
    (0, 2.5, 1, 1.0),
    (0, 2.36, 1, 2.5),
    (1, 2.6, 1, 5.0),
    (1, 2.5, 1, 9.0),
    (2, 2.5, 6, 20.0),
    (2, 2.7, 6, 30.0),
    (3, 2.8, 16.8, -40.0),
    (3, 2.5, 15.0, -90.0),
)


class DemoData(Document):
    """Notes that the demo data was loaded, and the highest id it has in each collection."""

    id: str = "demo"  # type: ignore[assignment]  # Beanie's is an ObjectId
    highest: dict[str, int]

    class Settings:
        name = "demo_data"


async def load_once(now: datetime, passwords: Passwords) -> bool:
    """Whether the demo data was loaded just now: only into an empty database, and never a second time."""
    if await DemoData.get("demo") is not None or await User.find_one({}) is not None:
        return False
    learning = believable(now, await passwords.hash(PASSWORD))
    secret = await passwords.hash(demo_family.PASSWORD)
    learner = next(document for document in learning if isinstance(document, User))
    documents = [*learning, *demo_family.documents(now, secret, learner)]
    kinds = {type(document) for document in documents}

    async def write(session: transactions.Session) -> bool:
        if await DemoData.get("demo", session=session) is not None:
            return False
        for kind in kinds:
            if await kind.find_one({}, session=session) is not None:
                return False
        highest = {}
        for kind in kinds:
            own = [document for document in documents if type(document) is kind]
            # Not by Beanie, which keeps the ids of what stands inside a document as `id`.
            forms = [stored_form(document) for document in own]
            await kind.get_pymongo_collection().insert_many(forms, session=session)
            if issubclass(kind, Numbered):
                last = max(document.id for document in own if isinstance(document, Numbered))
                highest[kind.get_collection_name()] = last
                await leave_behind(kind, last, session)
        await DemoData(highest=highest).insert(session=session)
        return True

    return await transactions.together(DemoData, write)


def believable(now: datetime, password_hash: str) -> list[Numbered]:
    """The documents of the demo, as if the learner had been here for a month."""
    started = Moment.of(now - timedelta(days=30))
    lessons = [
        (number, sequence, lesson)
        for number, (_, _, content) in enumerate(COURSES, 1)
        for sequence, lesson in enumerate(content, 1)
    ]
    signs = [sign.split(" ", 2) for line in CHARACTERS.split("\n") if line for sign in line.split("|")]
    return [
        User(id=1, email=EMAIL, username="learner", password_hash=password_hash, created_at=started),
        *(Invitation(id=number, code=f"WELCOME-{number}") for number in range(1, INVITATIONS + 1)),
        *(
            Course(id=number, title=title, description=text, published=True, created_at=started)
            for number, (title, text, _) in enumerate(COURSES, 1)
        ),
        *(
            CourseContent(id=id, course_id=course_id, sequence=sequence, title=title, body=body)
            for id, (course_id, sequence, (title, body)) in enumerate(lessons, 1)
        ),
        *(
            Character(id=id, hanzi=hanzi, pinyin=pinyin, meaning=meaning)
            for id, (hanzi, pinyin, meaning) in enumerate(signs, 1)
        ),
        Enrollment(id=1, user_id=1, course_id=1, enrolled_at=started, progress=40),
        *(card(id, now, *values) for id, values in enumerate(CARDS, 1)),
    ]


def card(
    id: int, now: datetime, repetition: int, easiness: float, interval: int | float, hours: float
) -> Review:
    """One of the learner's cards, due so many hours ago."""
    due = now - timedelta(hours=hours)
    return Review(
        id=id,
        user_id=1,
        character_id=id,
        repetition=repetition,
        easiness=easiness,
        interval=interval,
        next_review=Moment.of(due),
        last_review=Moment.of(due - timedelta(days=interval)) if repetition else None,
    )


async def untouched() -> bool | None:
    """Whether the demo data is here and nobody but its two users has come; None without demo data."""
    note = await DemoData.get("demo")
    if note is None or not note.highest:
        return None
    others: dict[str, Any] = {"_id": {"$gt": note.highest[User.get_collection_name()]}}
    return await User.find_one(others) is None


async def give_way() -> None:
    """Notes that real data has come, so that the demo data is never loaded again."""
    await DemoData.get_pymongo_collection().update_one(
        {"_id": "demo"}, {"$set": {"highest": {}}}, upsert=True
    )

"""A demo family: five generations and sixty people, so that a tree has something to show."""

import re
from datetime import UTC, datetime, timedelta

from beanie import Document, PydanticObjectId

from models.events import Event
from models.kinds import Gender, Kind, ParentRole, UnionStatus, Visibility
from models.moments import Moment
from models.people import Person, PersonPrivacy
from models.relating import claims
from models.relationships import Relationship
from models.sources import Source
from models.trees import Collaborator, Tree, TreeSettings
from models.users import User

EMAIL = "family@example.com"
PASSWORD = "read-the-tree"  # nosec B105  # printed in the README; the demo user has nothing to hide
NAME, DESCRIPTION = "Moyo Family", "Five generations from Gweru, Masvingo and Harare"

# A couple and the year of their wedding, then their children: name, sex, birth and, if they have died, death.
# Who marries into the family is told in the same way. The elder generations come first.
FAMILIES = """
Tafara Moyo m 1885-03-12 1961-07-02 + Chengeto Ncube f 1890-06-20 1972-01-15, 1908:
    Tendai m 1909-05-03 1980-11-30; Rudo f 1912-08-14 1995-02-07; Farai m 1915-01-28 1999-09-19;
    Chipo f 1919-10-05 2008-04-11
Simba Dube m 1888-09-09 1955-12-24 + Nyarai Sibanda f 1893-02-17 1970-05-30, 1911:
    Nyasha f 1913-04-22 1990-06-18; Tatenda m 1917-07-07 1984-03-03
Tendai Moyo + Nyasha Dube, 1933:
    Baba m 1935-02-11 2010-10-10; Mercy f 1938-05-25 2015-08-21; Gift m 1941-09-30 2003-01-06
Farai Moyo + Ruth Banda f 1920-11-11 2004-07-27, 1942:
    Joseph m 1944-03-19 2019-12-01; Esther f 1947-06-08; Peter m 1950-12-12 1978-04-23
Tatenda Dube + Grace Phiri f 1922-08-02 1996-10-14, 1945:
    Samuel m 1946-05-16 2021-02-09; Hope f 1949-01-27
Moses Hove m 1911-04-30 1979-08-08 + Rudo Moyo, 1934:
    Daniel m 1936-07-21 2001-05-05; Anna f 1940-10-03 2018-03-17
Baba Moyo + Mai Shumba f 1939-05-05 2017-09-12, 1960:
    Tsitsi f 1961-03-08; Tawanda m 1963-07-19; Kudzai m 1966-11-02; Shamiso f 1970-01-13
Gift Moyo + Joyce Gumbo f 1945-12-01, 1966:
    Blessing f 1967-04-04; Brian m 1971-08-29
Joseph Moyo + Miriam Zulu f 1948-02-20 2020-06-30, 1969:
    Paul m 1970-05-17; Naomi f 1973-09-23
Samuel Dube + Agnes Chuma f 1950-03-30, 1972:
    Edwin m 1974-10-11; Lydia f 1977-02-28
Daniel Hove + Stella Mutasa f 1941-06-06 2012-11-19, 1962:
    Victor m 1964-08-15; Martha f 1968-12-09
Tawanda Moyo + Rutendo Chikafu f 1965-05-21, 1989:
    Tinashe m 1990-06-14; Vimbai f 1993-02-03; Tariro f 1997-10-27
Kudzai Moyo + Lindiwe Khumalo f 1969-09-01, 1994:
    Thabo m 1995-12-18; Nandi f 1999-07-31
Paul Moyo + Sarah Green f 1972-04-09, 1998:
    Noah m 1999-11-20; Maya f 2003-03-25; Leo m 2009-09-09
Edwin Dube + Patience Nkomo f 1976-01-05, 2001:
    Anesu m 2002-08-08; Kiki f 2006-02-28
Victor Hove + Chiedza Mlambo f 1967-12-12, 1992:
    Tanaka f 1994-04-14; Panashe m 1998-06-21
Brian Moyo + Ana Costa f 1973-05-15, 2000:
    Rufaro m 2003-08-08; Isabel f 2008-01-19
"""
TOWNS = ("Gweru", "Masvingo", "Harare", "Mutare", "Bulawayo")
WORK = ("Farmer", "Teacher", "Nurse", "Potter", "Mechanic", "Historian", "Trader")
COMER = re.compile(r"(.+) ([mf]) (\d{4}-\d\d-\d\d)(?: (\d{4}-\d\d-\d\d))?")
SEX = {"m": Gender.MALE, "f": Gender.FEMALE}


class Family:
    """The documents of the demo family, as they are gathered."""

    def __init__(self, account: str, now: datetime) -> None:
        self.now = now
        self.tree = Tree(
            name=NAME,
            description=DESCRIPTION,
            description_given=True,
            owner=account,
            settings=TreeSettings(show_living=False),
            created_at=self.passed(0),
            updated_at=self.passed(0),
            active_at=self.passed(0),
        )
        self.people: dict[str, Person] = {}
        self.rows: list[Relationship] = []
        self.events: list[Event] = []
        for told in FAMILIES.strip().replace("\n   ", "").splitlines():
            self.couple(*re.split(r", (?=\d{4}:)|: ", told))
        self.tree.root_person = self.people["Tinashe Moyo"].id

    def passed(self, steps: int) -> Moment:
        """A moment a month ago, a minute later with each step."""
        return Moment.of(self.now - timedelta(days=30) + timedelta(minutes=steps))

    def couple(self, pair: str, year: str, children: str) -> None:
        """Adds two people, unless they are there, their wedding and their children."""
        husband, wife = (self.comer(each) for each in pair.split(" + "))
        union = self.bond(husband, wife, Kind.SPOUSE)
        ended = husband.death or wife.death
        union.status = UnionStatus.WIDOWED if ended else UnionStatus.MARRIED
        union.started = Moment.of(datetime(int(year), 6, 1, tzinfo=UTC))
        husband.spouses.append(wife.id)
        wife.spouses.append(husband.id)
        for child in children.split("; "):
            family = str(husband.last_name)
            self.child(self.comer(re.sub(r" (?=[mf] \d)", f" {family} ", child)), husband, wife)
        self.events.append(
            self.event("Wedding", union.started, [husband.id, wife.id], str(husband.birth_place))
        )

    def comer(self, told: str) -> Person:
        """Somebody by their name, new if the text says more of them."""
        found = COMER.fullmatch(told)
        if found is None:
            return self.people[told]
        name, sex, birth, death = found.groups()
        first, last = name.split(" ")
        number = len(self.people)
        self.people[name] = person = Person(
            tree_id=self.tree.id,
            name=name,
            first_name=first,
            last_name=last,
            gender=SEX[sex],
            birth=day(birth),
            birth_place=TOWNS[number % len(TOWNS)],
            death=day(death) if death else None,
            death_place=TOWNS[(number + 2) % len(TOWNS)] if death else None,
            living=death is None,
            occupation=WORK[number % len(WORK)] if birth < "2000" else None,
            privacy=PersonPrivacy(birth=Visibility.PUBLIC if death else Visibility.TREE_ONLY),
            created_by=self.tree.owner,
            created_at=self.passed(number),
            updated_at=self.passed(number),
        )
        self.events.append(self.event("Birth", day(birth), [person.id], str(person.birth_place)))
        return person

    def child(self, child: Person, father: Person, mother: Person) -> None:
        """Ties a child to its parents."""
        child.father_id, child.mother_id = father.id, mother.id
        for parent, role in ((father, ParentRole.BIOLOGICAL_FATHER), (mother, ParentRole.BIOLOGICAL_MOTHER)):
            row = self.bond(parent, child, Kind.PARENT)
            row.role = role
            row.claims = claims(row, strict=True)
            child.parents.append(parent.id)
            parent.children.append(child.id)

    def bond(self, first: Person, second: Person, kind: Kind) -> Relationship:
        """A relationship of two people."""
        moment = self.passed(100 + len(self.rows))
        row = Relationship(
            tree_id=self.tree.id,
            from_id=first.id,
            to_id=second.id,
            people=[first.id, second.id],
            kind=kind,
            created_by=self.tree.owner,
            created_at=moment,
            updated_at=moment,
        )
        self.rows.append(row)
        return row

    def event(self, kind: str, date: Moment, people: list[PydanticObjectId], place: str) -> Event:
        """Something that happened to some people."""
        return Event(
            tree_id=self.tree.id,
            kind=kind,
            date=date,
            place=place,
            people=people,
            created_by=self.tree.owner,
            created_at=self.passed(200),
            updated_at=self.passed(200),
        )


def day(text: str) -> Moment:
    """The midnight at which a day begins."""
    return Moment.of(datetime.fromisoformat(text).replace(tzinfo=UTC))


def documents(now: datetime, password_hash: str, learner: User) -> list[Document]:
    """The owner of the tree and the tree with everybody in it; the learner may look at it."""
    owner = User(
        id=learner.id + 1,
        email=EMAIL,
        first_name="Vimbai",
        last_name="Moyo",
        password_hash=password_hash,
        email_verified=True,
        created_at=Moment.of(now - timedelta(days=31)),
    )
    family = Family(owner.uuid, now)
    asked = family.passed(300)
    family.tree.collaborators.append(Collaborator(account=learner.uuid, added_at=asked, accepted_at=asked))
    book = Source(
        tree_id=family.tree.id,
        title="Register of marriages, Gweru 1900-1950",
        author="Parish of Gweru",
        people=[family.people["Tafara Moyo"].id, family.people["Chengeto Ncube"].id],
        created_by=owner.uuid,
        created_at=asked,
        updated_at=asked,
    )
    return [owner, family.tree, *family.people.values(), *family.rows, book, *family.events]

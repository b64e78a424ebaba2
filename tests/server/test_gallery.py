"""Pictures at the desk: their order and captions, what is covered and the original behind it, what was signed."""

import re

import pytest
from actors import Record, a_photo, a_record, read, sha256
from evidence import forms_with_evidence

from beatbook import events
from beatbook.photos.previews import Made
from beatbook.settings import Settings

CAMERA, COPY, PLACE, SIGNED = a_photo((80, 60)), a_photo((40, 30)), a_photo((40, 30)), a_photo((60, 30), "PNG")


@pytest.fixture
def settings(tmp_path) -> Settings:
    forms = forms_with_evidence(tmp_path / "forms")
    return Settings(data=tmp_path / "data", forms=forms, allowed_hosts="testserver")


@pytest.fixture
def record(office, officer) -> Record:
    """The place first, then the litter with two places covered; signed by nobody, with the reason."""
    listed = [("photos.original", CAMERA), ("photos", PLACE), ("photos", COPY), ("consent", SIGNED)]
    about = [
        {"photo": sha256(PLACE), "shows": "place_overview", "person": "no"},
        {
            "photo": sha256(COPY),
            "original": sha256(CAMERA),
            "shows": "litter_item",
            "caption": "Can <b>beside</b> the bin",
            "person": "adult",
            "person_reason": "Dropped it",
            "covered": 2,
        },
    ]
    made = a_record(
        form="evidence",
        answers={
            "photos": [sha256(PLACE), sha256(COPY)],
            "photos.about": about,
            "place_text": "High Street",
            "consent": [sha256(SIGNED)],
            "consent.about": [{"photo": sha256(SIGNED), "typed": "Hand in plaster"}],
        },
        attachments=[
            {"field": field, "sha256": sha256(photo), "size": len(photo), "mediaType": "image/jpeg"}
            for field, photo in listed
        ],
    )
    (result, *_) = officer.send(made, photos=(PLACE, COPY, CAMERA, SIGNED))
    assert result["warnings"] == []
    make_previews(office)
    return made


def make_previews(office) -> None:
    """As the office does by itself a moment later."""
    office.previews.stop()
    for photo in (PLACE, COPY, CAMERA, SIGNED):
        office.save_previews(sha256(photo), Made(b"large " + photo[-9:], b"small " + photo[-9:], 64, 48))


def test_photos_stand_in_their_order_with_what_is_said_of_them(supervisor, record):
    shown = supervisor.open(f"/desk/records/{record.instance_id}")
    text = read(shown)
    assert re.findall(r'class="stage" href="/desk/photos/(\w+)', shown.text) == [
        sha256(PLACE),
        sha256(COPY),
    ]
    assert "The litter: Can <b>beside</b> the bin" in text
    assert "A person is in it: Dropped it" in text
    assert "2 places covered on the phone" in text
    assert "photos.about" not in text


def test_a_signature_stands_by_itself_with_the_words_of_one_who_could_not_sign(supervisor, record):
    shown = supervisor.open(f"/desk/records/{record.instance_id}")
    assert f'<img src="/desk/photos/{sha256(SIGNED)}/preview" alt="Hand in plaster"' in shown.text
    assert "Not signed: Hand in plaster" in read(shown)


def test_what_was_covered_is_seen_only_on_purpose_and_each_look_is_written_down(office, supervisor, record):
    shown = supervisor.open(f"/desk/records/{record.instance_id}").text
    pictures = re.findall(r'<img src="/desk/photos/(\w+)', shown) + re.findall(r'data-next="/desk/photos/(\w+)', shown)
    assert sha256(CAMERA) not in pictures
    listed = supervisor.open("/desk/records").text
    assert sha256(CAMERA) not in listed
    assert looks(office, record) == 0

    (address,) = re.findall(r'href="(/desk/photos/\w+/preview\?of=[\w-]+)" data-uncover', shown)
    assert sha256(CAMERA) in address
    for times in (1, 2):
        answer = supervisor.open(address)
        assert answer.headers["cache-control"] == "private, no-store"
        assert looks(office, record) == times
    assert "Original photo looked at, uncovered" in read(supervisor.open(f"/desk/records/{record.instance_id}"))
    supervisor.open(f"/desk/photos/{sha256(CAMERA)}/thumbnail")
    assert looks_at(office, sha256(CAMERA)) == 1, "without the record it is the photo that was looked at"


def test_the_copy_is_looked_at_without_further_ado(office, supervisor, record):
    answer = supervisor.open(f"/desk/photos/{sha256(COPY)}/preview")
    assert "immutable" in answer.headers["cache-control"]
    assert looks(office, record) == 0


def test_ch5_a_photo_of_somebody_under_18_that_comes_all_the_same_is_kept_with_a_warning(officer):
    sent = a_record(
        COPY,
        form="evidence",
        answers={
            "photos": [sha256(COPY)],
            "photos.about": [{"photo": sha256(COPY), "shows": "litter_item", "person": "under_18"}],
            "place_text": "High Street",
            "consent": [],
        },
    )
    (result, _) = officer.send(sent)
    assert result["status"] == "stored"
    assert "Cover or remove any photo of somebody who looks under 18: Photos" in [
        warning["detail"] for warning in result["warnings"]
    ]


def looks(office, record: Record) -> int:
    return looks_at(office, record.instance_id)


def looks_at(office, subject: str) -> int:
    with office.database.reading() as session:
        return sum(event.kind == "attachment.uncovered" for event in events.history_of(session, subject))

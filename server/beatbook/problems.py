"""Every problem the API can answer, one class each (RFC 9457).

`detail` is the sentence the person reads. `kept` says what the server now holds of what was sent, `client` what the
app should do. A problem about one item of a delivery travels inside its `results`; one about the whole request is the
answer itself.
"""

import secrets
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any


class Kept(StrEnum):
    NOTHING = "nothing"
    SUBMISSION = "submission"
    ATTACHMENT = "attachment"
    QUARANTINE = "quarantine"


class Client(StrEnum):
    RETRY = "retry"
    WAIT = "wait"
    SIGN_IN = "sign-in"
    ATTENTION = "attention"
    STOP = "stop"


class Problem(Exception):
    status = 500
    slug = "server-error"
    title = "Something went wrong"
    detail = "The server made a mistake. Your records stay on this device."
    kept = Kept.NOTHING
    client = Client.WAIT
    retry_after: int | None = None  # seconds
    close = False  # whether the connection ends with the answer, because its body was not read

    def __init__(self, *, kept: Kept | None = None, **more: Any) -> None:
        """`kept` where it differs this time; `more` are members of our own in the answer."""
        self.kept = kept or type(self).kept
        self.more = more
        self.ref = secrets.token_hex(4)  # stands in the answer and in the log, so that people can quote it
        super().__init__(self.detail)

    def to_wire(self) -> dict[str, Any]:
        return {
            "type": f"/problems/{self.slug}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "kept": self.kept,
            "client": self.client,
            "ref": self.ref,
            **self.more,
        }


class RetryProblem(Problem):
    client = Client.RETRY


class AttentionProblem(Problem):
    client = Client.ATTENTION


# About one submission -------------------------------------------------------------------------------------------


class IdReused(AttentionProblem):
    status, slug, title = 409, "id-reused", "Number already used"
    detail = "This number is already used for a different record. Both are kept."
    kept = Kept.QUARANTINE


class NotJson(AttentionProblem):
    status, slug, title = 400, "not-json", "Not readable"
    detail = "The record could not be read."
    kept = Kept.QUARANTINE


class JsonShape(AttentionProblem):
    status, slug, title = 400, "json-shape", "Not built as expected"
    detail = "The record is built in a way we do not accept."
    kept = Kept.QUARANTINE


class RecordDamaged(AttentionProblem):
    status, slug, title = 422, "record-damaged", "Damaged in the file"
    detail = "The record is not the one that its phone put into the file."
    kept = Kept.QUARANTINE


class ParcelDamaged(RetryProblem):
    status, slug, title = 422, "parcel-damaged", "Damaged on the way"
    detail = "It was damaged on the way. It will be sent again."


class ParcelUnopened(AttentionProblem):
    status, slug, title = 422, "parcel-unopened", "Sealed, and not to be opened"
    detail = "The office has no key for this yet. It is kept there and on this device."
    kept = Kept.QUARANTINE


class SubmissionTooLarge(AttentionProblem):
    status, slug, title = 413, "record-too-large", "Record too large"
    detail = "The record is larger than 256 KB."


class BadId(AttentionProblem):
    status, slug, title = 400, "bad-id", "Not a record number"
    detail = "The record number is not valid."


class Redacted(Problem):
    status, slug, title = 410, "redacted", "Removed by the council"
    detail = "This record was removed by the council."
    client = Client.ATTENTION


class UnknownForm(AttentionProblem):
    status, slug, title = 422, "unknown-form", "Not a form of this patrol"
    detail = "This tablet may not send that form now."


class PupilPlace(AttentionProblem):
    """MT3: a pupil record that arrives with coordinates is rejected."""

    status, slug, title = 422, "pupil-place", "A pupil's record has no place"
    detail = "A pupil's record may not hold a place on the map."


class PupilContent(AttentionProblem):
    """MT1, MT2: only the ticket's own questions, and of each only its choices."""

    status, slug, title = 422, "pupil-content", "Not a mock ticket"
    detail = "The ticket says something that a mock ticket may not say. Nothing of it was kept."


class PatrolUnknown(Problem):
    """Its opening may still wait on the adult's phone, so the tablet keeps the ticket and tries again."""

    status, slug, title = 409, "patrol-unknown", "Patrol not known yet"
    detail = "The grown-up's phone has not sent this patrol yet. The ticket stays on this tablet."
    client = Client.WAIT


class PatrolNotOpen(AttentionProblem):
    """MT4: a ticket belongs into the time of its patrol."""

    status, slug, title = 422, "patrol-not-open", "Not made during the patrol"
    detail = "This ticket was made before the patrol opened or after it closed. It was not kept."


class PhotoNotAgreed(AttentionProblem):
    """MT9, MT10: only the covered photo that a stored ticket of a patrol with photos lists, and nothing about where."""

    status, slug, title = 422, "photo-not-agreed", "Not a photo of this patrol"
    detail = "This tablet may not send that photo. Nothing of it was kept."


# About one attachment -------------------------------------------------------------------------------------------


class DigestMismatch(RetryProblem):
    status, slug, title = 422, "digest-mismatch", "Damaged on the way"
    detail = "The photo was damaged on the way. It will be sent again."


class PhotoEmpty(AttentionProblem):
    status, slug, title = 422, "photo-empty", "Empty photo"
    detail = "The photo is empty. Take it again if you can."


class PhotoTooLarge(AttentionProblem):
    status, slug, title = 413, "photo-too-large", "Photo too large"
    detail = "The photo is larger than 12 MB."


class NotAPhoto(AttentionProblem):
    status, slug, title = 415, "not-a-photo", "Not a photo"
    detail = "Only JPEG, PNG and WebP photos are accepted."


class TooManyPixels(AttentionProblem):
    status, slug, title = 422, "too-many-pixels", "Too many pixels"
    detail = "The photo has more than 50 million pixels."


class NotAStill(AttentionProblem):
    status, slug, title = 422, "not-a-still", "A moving picture"
    detail = "Moving pictures are not accepted."


# About the whole request ----------------------------------------------------------------------------------------


class BodyMissing(RetryProblem):
    status, slug, title = 400, "body-missing", "Nothing received"
    detail = "Nothing was received. It will be sent again."


class UploadIncomplete(RetryProblem):
    status, slug, title = 400, "upload-incomplete", "Stopped early"
    detail = "The upload stopped early. It will be sent again."


class UploadShape(AttentionProblem):
    status, slug, title = 400, "upload-shape", "Not built as expected"
    detail = "The upload is not built as expected."


class UploadTooLarge(AttentionProblem):
    status, slug, title = 413, "upload-too-large", "Too much at once"
    detail = "That is too much to take at once. It will be sent in parts."
    client = Client.RETRY
    close = True


class UnsupportedMedia(AttentionProblem):
    status, slug, title = 415, "upload-type", "Not built as expected"
    detail = "The upload is not built as expected."


class TooMany(AttentionProblem):
    status, slug, title = 413, "too-many", "Too many at once"
    detail = "Ask for at most 500 at a time."
    client = Client.RETRY


class BadRequest(AttentionProblem):
    status, slug, title = 400, "bad-request", "Not understood"
    detail = "Bad request."


class SignIn(Problem):
    status, slug, title = 401, "sign-in", "Sign in to send"
    detail = "Sign in to send. Your records stay on this device."
    client = Client.SIGN_IN


class NothingOrdered(AttentionProblem):
    """Found again meanwhile: the device goes on as before."""

    status, slug, title = 409, "nothing-ordered", "Nothing to clear"
    detail = "The office has not told this device to clear itself. It keeps what it holds."


class HandedOver(AttentionProblem):
    """Why bytes are kept aside that a device brought before it cleared itself."""

    status, slug, title = 409, "handed-over", "Handed over before clearing"
    detail = "Not finished, or not accepted before. Its device handed it over before it cleared itself."
    kept = Kept.QUARANTINE


class DeviceRevoked(Problem):
    status, slug, title = 403, "device-revoked", "Device retired"
    detail = "This device may no longer be used. Contact your supervisor."
    client = Client.STOP


class CrossSite(AttentionProblem):
    status, slug, title = 403, "cross-site", "Not from this site"
    detail = "That request came from another web site."


class BadHost(AttentionProblem):
    status, slug, title = 400, "bad-host", "Not our name"
    detail = "This server does not answer to that name."


class NotFound(AttentionProblem):
    status, slug, title = 404, "not-found", "Not found"
    detail = "There is nothing here."


class MethodNotAllowed(AttentionProblem):
    status, slug, title = 405, "method-not-allowed", "Not possible here"
    detail = "That cannot be done here."


class TooSlow(RetryProblem):
    status, slug, title = 408, "too-slow", "Too slow"
    detail = "The connection was too slow. It will be sent again."
    close = True


class CodeUnknown(AttentionProblem):
    status, slug, title = 404, "code-unknown", "Unknown code"
    detail = "That code is not in use."


class CodeUsed(AttentionProblem):
    status, slug, title = 410, "code-used", "Code already used"
    detail = "That code has been used. Ask for a new one."


class CodeExpired(AttentionProblem):
    status, slug, title = 410, "code-expired", "Code too old"
    detail = "That code is too old. Ask for a new one."


class TooManyTries(Problem):
    status, slug, title = 429, "too-many-tries", "Too many tries"
    detail = "Too many tries. Wait a minute."
    client = Client.WAIT
    retry_after = 60


class ServerFull(Problem):
    status, slug, title = 507, "server-full", "Server full"
    detail = "The server cannot save now. Your records stay on this device."
    client = Client.WAIT
    retry_after = 600


class DeviceQuota(Problem):
    status, slug, title = 429, "device-quota", "Much sent today"
    detail = "This device has sent very many photos today. The others stay on it and are sent tomorrow."
    client = Client.WAIT
    retry_after = 3600


class StorageFault(Problem):
    status, slug, title = 503, "storage-fault", "Server cannot save"
    detail = "The server cannot save now. Your records stay on this device."
    client = Client.WAIT
    retry_after = 60


# At the desk ----------------------------------------------------------------------------------------------------


class WrongPassword(AttentionProblem):
    status, slug, title = 401, "wrong-password", "Not signed in"
    detail = "That name and password do not go together."


class WeakPassword(AttentionProblem):
    """`why` says what is weak about it, as a sentence."""

    status, slug, title = 422, "weak-password", "Password too weak"
    detail = "Choose a password of at least 12 characters that is not among the first that are tried."


class WrongCode(AttentionProblem):
    status, slug, title = 401, "wrong-code", "Code not right"
    detail = "That code is not right, or it was used already. Wait for the next one."


class KeyRefused(AttentionProblem):
    status, slug, title = 401, "key-refused", "Passkey not accepted"
    detail = "That passkey is not known here, or it took too long. Try again, or use your password."


class CouncilAway(AttentionProblem):
    status, slug, title = 503, "council-away", "The council's sign-in does not answer"
    detail = "The council's sign-in does not answer just now. Try again in a minute, or sign in another way."


class CouncilRefused(AttentionProblem):
    status, slug, title = 401, "council-refused", "Not signed in"
    detail = "The council's sign-in did not let you in, or it took too long. Try again."


class NoGroup(AttentionProblem):
    status, slug, title = 403, "no-group", "No access to Beatbook"
    detail = "Your account is in none of the groups that may open the desk. Ask your administrator to add you to one."


class AccountClosed(AttentionProblem):
    status, slug, title = 403, "account-closed", "Your account here was closed"
    detail = "Your account at this desk was closed. Ask an administrator if that is a mistake."


class AlreadyConnected(AttentionProblem):
    status, slug, title = 409, "already-connected", "Connected already"
    detail = "That account is already connected to another person here. Nothing was changed."


class LocalSignInOff(AttentionProblem):
    status, slug, title = 403, "local-sign-in-off", "Sign in with the council's account"
    detail = "Passwords and passkeys are switched off here for everybody but the first administrator."


class LastKey(AttentionProblem):
    status, slug, title = 409, "last-key", "Last second step"
    detail = "This is the only thing besides your password. Add another first, then remove this one."


class ReasonMissing(AttentionProblem):
    status, slug, title = 422, "reason-missing", "Reason missing"
    detail = "Say why it is sent back, so that the officer knows what to mend."


class NoteMissing(AttentionProblem):
    status, slug, title = 422, "note-missing", "Note missing"
    detail = "Say what came of it, in a few words."


class NameMissing(AttentionProblem):
    status, slug, title = 422, "name-missing", "Name missing"
    detail = "Give it a name, so that you find it again."


class WordsMissing(AttentionProblem):
    status, slug, title = 422, "words-missing", "Nothing written"
    detail = "Write something first."


class CorrectionWrong(AttentionProblem):
    status, slug, title = 422, "correction-wrong", "Not a possible answer"
    detail = "The form does not take this answer. Nothing was changed."


class NothingChosen(AttentionProblem):
    status, slug, title = 422, "nothing-chosen", "Nothing chosen"
    detail = "Tick the records first. Nothing was changed."


class AlreadyDecided(AttentionProblem):
    status, slug, title = 409, "already-decided", "Already decided"
    detail = "Somebody else decided about this record meanwhile. Their decision counts; look at it, then decide again."


class UndoTooLate(AttentionProblem):
    status, slug, title = 409, "undo-too-late", "Too late to undo"
    detail = "This can only be taken back for ten minutes, by whoever did it. Open the records one by one instead."


class FileRefused(AttentionProblem):
    status, slug, title = 422, "file-refused", "Not an exported file"
    detail = "This is not a file that a phone exported, or it is damaged. Nothing was changed."


class RowRefused(AttentionProblem):
    status, slug, title = 422, "row-refused", "Not as this list needs it"
    detail = "Something in this row is missing or cannot be. Nothing was changed."

    def __init__(self, wrong: Mapping[str, str]) -> None:
        """What is wrong, by column, in sentences."""
        super().__init__(wrong=dict(wrong))
        self.wrong = dict(wrong)


class ListRefused(AttentionProblem):
    status, slug, title = 422, "list-refused", "Not a file of this list"

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__()


class FileTooLarge(AttentionProblem):
    status, slug, title = 413, "file-too-large", "File too large"
    detail = "The file holds more than can be read at once. Nothing was changed."


class NoticeGiven(AttentionProblem):
    status, slug, title = 409, "notice-given", "The notice was given"
    detail = "A notice that was given never changes. Cancel it with a reason, and give a new one if need be."


class OfficersOnly(AttentionProblem):
    status, slug, title = 422, "officers-only", "Not an officer's phone"
    detail = "Only an officer's phone can be authorised to give notices."


class NoticeIncomplete(AttentionProblem):
    status, slug, title = 409, "notice-incomplete", "The notice is not whole"
    detail = "The law wants more on this notice than the record says. It cannot be shown as a notice."


class NoticeClosed(AttentionProblem):
    status, slug, title = 409, "notice-closed", "The notice is closed"
    detail = "This notice is paid, cancelled or decided. Nothing can follow."


class TooEarlyForCourt(AttentionProblem):
    status, slug, title = 409, "too-early-for-court", "Too early for court"
    detail = "No proceedings may begin yet: the days that the notice gives must pass first."


class ClocksStopped(AttentionProblem):
    status, slug, title = 409, "clocks-stopped", "A representation waits"
    detail = "Answer the representation first. Until then no reminder goes out and nothing goes to court."


class NothingToDecide(AttentionProblem):
    status, slug, title = 409, "nothing-to-decide", "No representation waits"
    detail = "There is no representation that waits for an answer."


class OwnNotice(AttentionProblem):
    status, slug, title = 403, "own-notice", "Your own notice"
    detail = "Whoever gave a notice may not decide about a representation against it."


class StepIncomplete(AttentionProblem):
    status, slug, title = 422, "step-incomplete", "Something is missing"
    detail = "Fill in everything that this step asks for."


class WhyMissing(AttentionProblem):
    status, slug, title = 422, "why-missing", "Reason missing"
    detail = "Say what happened. Others will ask why, and so will you in a month."


class TooLateToFind(AttentionProblem):
    status, slug, title = 409, "too-late-to-find", "It has cleared itself"
    detail = "It has handed over everything and clears itself. Set it up again with a new code."


class NotAllowed(AttentionProblem):
    status, slug, title = 403, "not-allowed", "Not yours to do"
    detail = "Your role may not do that."


class PatrolRules(AttentionProblem):
    """MT5, MT6, DP4: what has to be so before pupils go out. The page says which of them is not."""

    status, slug, title = 422, "patrol-rules", "The patrol cannot open"
    detail = "Something that has to be so before pupils go out is not."


class ShareRefused(AttentionProblem):
    status, slug, title = 422, "share-refused", "Not as a share has to be"
    detail = "Something about this share is missing or cannot be. Nothing was changed."

    def __init__(self, wrong: Mapping[str, str]) -> None:
        """What is wrong, by its part, in sentences (NT2, NT3)."""
        super().__init__(wrong=dict(wrong))
        self.wrong = dict(wrong)


class NotSigned(AttentionProblem):
    """NT1: nobody reads about a person until everybody in the room has signed confidentiality."""

    status, slug, title = 409, "not-signed", "Not everybody has signed"

    def __init__(self, people: Sequence[str]) -> None:
        self.people = tuple(people)
        if people:
            have = "has" if len(people) == 1 else "have"
            self.detail = f"{'; '.join(people)} {have} not signed confidentiality for this meeting yet."
        else:
            self.detail = "Nobody is marked as here yet. Say first who is in the room, and who has signed."
        super().__init__()


class MeetingNotReady(AttentionProblem):
    """A meeting goes on only when what comes before is done; the page says what that is."""

    status, slug, title = 409, "meeting-not-ready", "Not yet"

    def __init__(self, lacking: Sequence[str]) -> None:
        self.lacking = tuple(lacking)
        self.detail = " ".join(f"{one}." for one in lacking)
        super().__init__()


class MeetingMoved(AttentionProblem):
    status, slug, title = 409, "meeting-moved", "The meeting is at another step"
    detail = "That cannot follow what the meeting is at now. Somebody may have moved it on meanwhile."


class MeetingNotOpen(AttentionProblem):
    status, slug, title = 409, "meeting-not-open", "The meeting is not open"
    detail = "Open the meeting first. What is said about an item is written down while it is open."


class MinutesAgreed(AttentionProblem):
    """NT7."""

    status, slug, title = 409, "minutes-agreed", "These minutes are agreed"
    detail = "Agreed minutes cannot be changed. A correction is an item of the next meeting."


class MeetingNumberTaken(AttentionProblem):
    status, slug, title = 409, "meeting-number-taken", "There is such a meeting already"
    detail = "A meeting has this number already. Choose the next."


class TaskReasonMissing(AttentionProblem):
    status, slug, title = 422, "task-reason-missing", "Say why"
    detail = "Say why it was not done, so that the next person knows."


class RequestClosed(AttentionProblem):
    status, slug, title = 409, "request-closed", "Already closed"
    detail = "This request was answered or ended already. Nothing was changed."


class PlacesLeft(AttentionProblem):
    status, slug, title = 409, "places-left", "Places left to look at"
    detail = "Look at every place first: each may hold words about others."


class OnHold(AttentionProblem):
    status, slug, title = 409, "on-hold", "On hold"
    detail = "This record is on hold. Nothing of it is erased until the hold is lifted."


class KeptByLaw(AttentionProblem):
    status, slug, title = 409, "kept-by-law", "Kept until its date"
    detail = "A law enforcement record stays until its date. Nobody can erase it before."


class SecondPerson(AttentionProblem):
    status, slug, title = 403, "second-person", "Somebody else has to agree"
    detail = "Whoever asked for a record to be erased cannot agree to it. Somebody else has to."


class OwnEmergency(AttentionProblem):
    status, slug, title = 403, "own-emergency", "Somebody else has to look"
    detail = "Whoever opened a record in an emergency cannot say whether that was right. Somebody else has to."


class NobodyAsked(AttentionProblem):
    status, slug, title = 409, "nobody-asked", "Nobody asked for that"
    detail = "There is nothing to answer here. Somebody may have answered it already."


class CaseMove(AttentionProblem):
    status, slug, title = 409, "case-move", "Not from where it stands"
    detail = "The case cannot go that way from where it stands. Somebody may have moved it meanwhile; look at it again."


class CaseClosed(AttentionProblem):
    status, slug, title = 409, "case-closed", "The case is closed"
    detail = "This case is closed. Reopen it first, then go on."


class TellFirst(AttentionProblem):
    status, slug, title = 409, "tell-first", "Tell the reporter first"
    detail = "Tell the person who reported it in writing how it ended, and write that down. Then close the case."


class ActionsLeft(AttentionProblem):
    status, slug, title = 409, "actions-left", "Actions are left"
    detail = "Say of each action what came of it first. Then close the case."


class WarningFirst(AttentionProblem):
    status, slug, title = 409, "warning-first", "A warning comes first"
    detail = "A protection notice needs a written warning for the same conduct first. Choose one given in this case."


def all_problems() -> list[type[Problem]]:
    """Every kind of problem, for the reference page and its test."""
    found = [kind for kind in globals().values() if isinstance(kind, type) and issubclass(kind, Problem)]
    return [kind for kind in found if "slug" in vars(kind)]

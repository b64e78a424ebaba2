"""The example district: people, devices and places that were made up. Only the shape of the coast is real."""

from dataclasses import dataclass

from ..models import Role


@dataclass(frozen=True)
class Someone:
    name: str
    role: Role
    school: str | None = None

    @property
    def email(self) -> str:
        return self.name.lower().replace(" ", ".") + "@council.example"


@dataclass(frozen=True)
class Thing:
    """A phone or tablet, and how much of the district's work it does."""

    name: str
    role: Role
    share: int = 0
    school: str | None = None


@dataclass(frozen=True)
class Spot:
    """A place where things are found. What is found there follows from its scene."""

    scene: str
    place: str
    latitude: float
    longitude: float
    ownership: str = "ccc"
    land: str = "highway"

    @property
    def is_coast(self) -> bool:
        return self.latitude > 51.34


PEOPLE = (
    Someone("Ruth Ansell", Role.ADMIN),
    Someone("Kerry Bell", Role.SUPERVISOR),
    Someone("Tom Hallam", Role.SUPERVISOR),
    Someone("Sarah Finch", Role.OFFICER),
    Someone("Daniel Okoro", Role.OFFICER),
    Someone("Amira Shah", Role.OFFICER),
    Someone("Priya Nair", Role.PARKING),
    Someone("Jo Whitlock", Role.FORESHORE),
    Someone("Helen Marsh", Role.SCHOOL, "northbrook"),
    Someone("Alan Reed", Role.VOLUNTEER),
    Someone("Maya Grant", Role.PARTNER),
    Someone("Ian Prosser", Role.AUDITOR),
)
REVIEWERS = ("Kerry Bell", "Tom Hallam")
HOST = PEOPLE[1]  # whose desk the demonstration opens

DEVICES = (
    Thing("Phone 1, Sarah", Role.OFFICER, share=9),
    Thing("Phone 2, Daniel", Role.OFFICER, share=7),
    Thing("Phone 3, Amira", Role.OFFICER, share=6),
    Thing("Foreshore 1, Jo", Role.FORESHORE, share=4),
    Thing("Parking 1, Priya", Role.PARKING),
    Thing("Northbrook tablet 1", Role.PUPIL, school="northbrook"),
    Thing("Northbrook office", Role.SCHOOL, school="northbrook"),
    Thing("Seagate office", Role.SCHOOL, school="seagate"),
    Thing("Walking bus, Alan", Role.VOLUNTEER),
)
LOST_PHONE = Thing("Phone 4, lost", Role.OFFICER)

TAGS = ("KRON", "ZAK", "VELO", "MISO", "FLUX", "NOVA", "OTTO", "RUSK")  # the same hands, again and again

GRAFFITI_SPOTS = (
    Spot("brick_wall", "Fullers Lane, side wall of no. 14", 51.2803, 1.0786, "private"),
    Spot("brick_wall", "Priory Walk, wall by the car park steps", 51.2772, 1.0835),
    Spot("brick_wall", "Kiln Street, gable of the old dairy", 51.2838, 1.0812, "private"),
    Spot("brick_wall", "Oyster Alley, behind the chip shop", 51.3604, 1.0252, "private"),
    Spot("shop_shutter", "Longmarket Row, shutter of the bakery", 51.2785, 1.0822, "private"),
    Spot("shop_shutter", "Mercer Street, no. 31", 51.2793, 1.0803, "private"),
    Spot("shop_shutter", "Harbour Street, shutter of no. 8", 51.3613, 1.0259, "private"),
    Spot("shop_shutter", "Pier Approach, closed kiosk", 51.3706, 1.1262),
    Spot("concrete_underpass", "Wharf Road underpass, north side", 51.2829, 1.0748, "kcc"),
    Spot("concrete_underpass", "Ring road underpass at the Riding Gate", 51.2752, 1.0834, "kcc"),
    Spot("concrete_underpass", "Station subway, platform 2 end", 51.2842, 1.0757, "network_rail"),
    Spot("sea_wall", "Harbour Parade, below the slipway", 51.3615, 1.0244),
    Spot("sea_wall", "Central Promenade, by the bandstand", 51.3712, 1.1283),
    Spot("beach_huts", "upper row, facing the path", 51.3648, 1.0430, "private"),
    Spot("beach_huts", "the row by the steps", 51.3704, 1.1142, "private"),
    Spot("park_bench", "Millbrook Gardens, bench by the weir", 51.2817, 1.0739),
    Spot("park_bench", "Castle Field, bench at the play area", 51.2744, 1.0772),
    Spot("park_bench", "Memorial Gardens, south bench", 51.3681, 1.1266),
)

LITTER_SPOTS = (
    Spot("pavement", "Longmarket Row, outside the bakery", 51.2786, 1.0821, land="precinct"),
    Spot("pavement", "High Street, by the clock", 51.2789, 1.0799, land="precinct"),
    Spot("pavement", "Bus station, stand C2", 51.2769, 1.0828),
    Spot("pavement", "Mercer Street, outside no. 22", 51.2794, 1.0802),
    Spot("pavement", "Harbour Street, outside the post office", 51.3611, 1.0257),
    Spot("pavement", "William Road, taxi rank", 51.3699, 1.1271),
    Spot("pavement", "Pond Lane car park, by the ticket machine", 51.2809, 1.0761, land="car_park"),
    Spot("grass", "Millbrook Gardens, lawn by the weir", 51.2816, 1.0741, land="park"),
    Spot("grass", "Castle Field, under the limes", 51.2746, 1.0775, land="park"),
    Spot("grass", "Memorial Gardens, by the rose beds", 51.3680, 1.1263, land="park"),
    Spot("beach", "West Beach, at the second groyne", 51.3608, 1.0221, land="beach"),
    Spot("beach", "Pier beach, east of the steps", 51.3713, 1.1268, land="beach"),
    Spot("boardwalk", "Harbour boardwalk, by the oyster stall", 51.3617, 1.0262, land="precinct"),
    Spot("boardwalk", "Pier deck, by the benches", 51.3716, 1.1259, land="precinct"),
)

HUT_ROWS = {"upper row, facing the path": "tankerton", "the row by the steps": "west_beach_herne_bay"}
HUT_NUMBERS = {"upper row, facing the path": (1, 36), "the row by the steps": (120, 151)}  # as in forms/lists/huts.csv

# What a scene says about graffiti: the object, its surface, and what kind of graffiti it is.
GRAFFITI_ON = {
    "brick_wall": ("wall_fence", "brick", ("tag", "tag", "slogan")),
    "shop_shutter": ("shop_shutter", "metal", ("throw_up",)),
    "concrete_underpass": ("bridge_underpass", "concrete", ("tag", "stencil", "tag")),
    "sea_wall": ("sea_wall", "concrete", ("tag",)),
    "beach_huts": ("beach_hut", "wood", ("tag",)),
    "park_bench": ("street_furniture", "wood", ("tag", "etching")),
}

# What was dropped, in the words of a notebook. The keys are those of pictures.LITTER.
DROPPED = {
    "can": ("drink", ("Blue energy drink can, 250 ml", "Red cola can, 330 ml", "Lager can, half full")),
    "cup": ("drink", ("Paper coffee cup with lid", "Large takeaway cup and straw")),
    "bottle": ("drink", ("Green beer bottle, 330 ml", "Clear water bottle, 500 ml")),
    "packet": ("wrapper", ("Crisp packet, cheese and onion", "Large sharing bag of crisps, empty")),
    "takeaway_box": ("food_pack", ("Burger box with chips left in it", "Pizza slice box")),
    "paper": ("paper", ("Till receipt and leaflet", "Crumpled flyer for a club night")),
    "cigarette_end": ("cig", ("Cigarette end, white tip", "Hand-rolled cigarette end", "Cigarette end, still lit")),
}

# What supervisors write. The codes are those of submissions.REASONS.
SENT_BACK = (
    ("too_dark", "Could you take it again in daylight?"),
    ("wrong_place", "The pin is in the river. Which side of the bridge?"),
    ("more_photos", "One from further back, please, so that the contractor finds it."),
    ("person_in_photo", "A face can be seen on the left. Please send one without."),
    ("not_clear", "Which of the two shutters?"),
    ("missing", "The owner should be asked before we clean."),
)
NOT_ACCEPTED = (
    ("duplicate", "Recorded this morning by Phone 2."),
    ("wrong_form", "This one belongs to the highways team; passed on."),
    ("duplicate", None),
    ("other", "Made while trying out the phone."),
)
APPROVED = (None, None, None, None, "Passed to street cleansing.", None, None, "Same tag as last week. Linked.", None)

# What officers add, now and then.
NOTES = (None, None, None, None, "Bin was full.", "Stood with two friends, left towards the bus stops.", "Said sorry.")

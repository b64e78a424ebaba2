"""Pictures of things that never happened: walls with tags and pavements with litter, drawn with Pillow.

The same number always draws the same picture. They are drawn plainly, with soft light and a little grain, so that a
screen full of them looks like a day's work and nobody takes one for a photograph of a real place.
"""

import io
import math
from collections.abc import Callable
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

Colour = tuple[int, int, int]
Size = tuple[int, int]
Point = tuple[float, float]
LANDSCAPE, PORTRAIT = (1280, 960), (960, 1280)  # four to three, as phones hold them
QUALITY = 80
SPRAY: tuple[Colour, ...] = (
    (38, 38, 44), (196, 38, 56), (24, 92, 176), (20, 134, 96),
    (122, 46, 150), (236, 236, 232), (228, 104, 24), (214, 44, 122),
)  # fmt: skip


def photo(scene: str, number: int, what: str, *, close: bool = False) -> bytes:
    """A JPEG of one of the SCENES. `what` is the word that is sprayed on it, or the kind of LITTER that lies there."""
    chance = Random(f"{scene} {number}")  # noqa: S311 a drawing, not a secret
    size = PORTRAIT if chance.random() < 0.3 and scene not in WIDE else LANDSCAPE
    image = SCENES[scene](chance, size, what)
    if close:
        image = stepped_up(image)
    file = io.BytesIO()
    as_taken(image, chance).save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def stepped_up(image: Image.Image) -> Image.Image:
    """What is in the middle, from nearer."""
    box = (image.width * 0.17, image.height * 0.15, image.width * 0.83, image.height * 0.81)
    return image.resize(image.size, Image.Resampling.BICUBIC, box=box)


def as_taken(image: Image.Image, chance: Random) -> Image.Image:
    """As a phone would have seen it: a little askew, softer, lit from one side, with grain."""
    turn, zoom = math.radians(chance.uniform(-1.6, 1.6)), 0.95  # nearer, so that no empty corner shows
    cos, sin, x, y = zoom * math.cos(turn), zoom * math.sin(turn), image.width / 2, image.height / 2
    tilt = (cos, -sin, x - cos * x + sin * y, sin, cos, y - sin * x - cos * y)
    tilted = image.transform(image.size, Image.Transform.AFFINE, tilt, Image.Resampling.BILINEAR)
    soft = tilted.filter(ImageFilter.BoxBlur(0.8))
    lit = ImageChops.multiply(soft, light(image.size, chance))
    return ImageChops.add(lit, grain(image.size, chance), offset=2)


def light(size: Size, chance: Random) -> Image.Image:
    """White in the middle and a little darker to one side and in the corners."""
    slope = Image.linear_gradient("L").rotate(chance.choice((0, 90, 180, 270))).resize(size)
    slope = slope.point(lambda v: 222 + v * 33 // 255)
    corners = Image.radial_gradient("L").resize(size).point(lambda v: 255 - max(0, v - 120) * 44 // 135)
    return Image.merge("RGB", [ImageChops.multiply(slope, corners)] * 3)


def grain(size: Size, chance: Random) -> Image.Image:
    tile = Image.frombytes("L", (256, 256), chance.randbytes(256 * 256)).point(lambda v: v * 18 // 255)
    sheet = Image.new("L", size)
    for x in range(0, size[0], 256):
        for y in range(0, size[1], 256):
            sheet.paste(tile.rotate(chance.choice((0, 90, 180, 270))), (x, y))
    return Image.merge("RGB", [sheet] * 3)


# Walls ----------------------------------------------------------------------------------------------------------


def brick_wall(chance: Random, size: Size, word: str) -> Image.Image:
    base = chance.choice(((158, 82, 62), (184, 152, 104), (140, 96, 84), (206, 198, 186)))
    image = bricks(chance, size, base)
    pavement_strip(image, chance)
    spray(image, chance, word, where=(0.5, 0.42), width=0.62)
    return image


def bricks(chance: Random, size: Size, base: Colour) -> Image.Image:
    image = Image.new("RGB", size, shade(base, 0.72))
    draw = ImageDraw.Draw(image)
    wide, high, joint = 118, 40, 6
    for row in range(size[1] // high + 1):
        shift = -wide // 2 if row % 2 else 0
        for column in range(size[0] // wide + 2):
            x, y = column * wide + shift, row * high
            draw.rectangle((x, y, x + wide - joint, y + high - joint), fill=shade(base, chance.uniform(0.84, 1.12)))
    return image


def shop_shutter(chance: Random, size: Size, word: str) -> Image.Image:
    base = chance.choice(((126, 136, 142), (86, 110, 130), (146, 138, 120), (74, 104, 92)))
    image = Image.new("RGB", size, base)
    draw = ImageDraw.Draw(image)
    for y in range(0, size[1], 34):
        draw.rectangle((0, y, size[0], y + 10), fill=shade(base, 1.14))
        draw.rectangle((0, y + 26, size[0], y + 34), fill=shade(base, 0.74))
    sign = chance.choice(((44, 74, 92), (122, 40, 48), (52, 88, 62)))
    draw.rectangle((0, 0, size[0], size[1] * 0.13), fill=sign)
    draw.rectangle((0, size[1] * 0.13, size[0], size[1] * 0.145), fill=shade(sign, 0.6))
    for x in (0, size[0] - 46):
        draw.rectangle((x, 0, x + 46, size[1]), fill=shade(sign, 0.86))
    pavement_strip(image, chance)
    spray(image, chance, word, where=(0.5, 0.5), width=0.7, fat=True)
    return image


def concrete_underpass(chance: Random, size: Size, word: str) -> Image.Image:
    base = chance.choice(((168, 166, 160), (150, 154, 158), (178, 172, 158)))
    image = blotched(chance, size, base)
    draw = ImageDraw.Draw(image)
    for x in range(0, size[0], size[0] // 3):
        draw.line((x, 0, x, size[1]), fill=shade(base, 0.7), width=6)
        for y in (0.16, 0.56):
            draw.ellipse(around((x + 60, size[1] * y), 9), fill=shade(base, 0.6))
    draw.line((0, size[1] * 0.36, size[0], size[1] * 0.36), fill=shade(base, 0.78), width=5)
    pavement_strip(image, chance)
    spray(image, chance, word, where=(0.48, 0.46), width=0.66)
    return image


def sea_wall(chance: Random, size: Size, word: str) -> Image.Image:
    width, height = size
    image = sky(chance, size)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, height * 0.24, width, height * 0.36), fill=(112, 142, 150))
    for _ in range(60):
        x, y = chance.uniform(0, width), chance.uniform(height * 0.25, height * 0.35)
        draw.line((x, y, x + chance.uniform(20, 90), y), fill=(150, 174, 178), width=2)
    wall = blotched(chance, (width, int(height * 0.5)), (186, 180, 164))
    image.paste(wall, (0, int(height * 0.36)))
    draw.rectangle((0, height * 0.345, width, height * 0.385), fill=(206, 200, 186))
    image.paste(shingle(chance, (width, height - int(height * 0.84))), (0, int(height * 0.84)))
    spray(image, chance, word, where=(0.5, 0.6), width=0.6)
    return image


def beach_huts(chance: Random, size: Size, word: str) -> Image.Image:
    width, height = size
    image = sky(chance, size)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, height * 0.78, width, height), fill=(118, 146, 84))
    paints = [(206, 96, 88), (86, 150, 176), (238, 206, 128), (120, 172, 138), (236, 228, 214), (186, 140, 178)]
    chance.shuffle(paints)
    count = 3
    for number in range(count):
        hut(draw, chance, (width * (number + 0.5) / count, height * 0.84), width / count * 0.86, paints[number])
    blades(draw, chance, (0, height * 0.8, width, height), 1400)
    spray(image, chance, word, where=(0.5, 0.6), width=0.3)
    return image


def hut(draw: ImageDraw.ImageDraw, chance: Random, foot: Point, width: float, paint: Colour) -> None:
    """A beach hut of upright boards with a gable, a white door and a deck."""
    (x, y), high = foot, width * 1.05
    left, right, eaves = x - width / 2, x + width / 2, y - high
    draw.polygon([(left, y), (right, y), (right, eaves), (x, eaves - width * 0.42), (left, eaves)], fill=paint)
    boards = 13
    for number in range(1, boards):
        at = left + width * number / boards
        top = eaves - width * 0.42 * (1 - abs(at - x) / (width / 2))
        draw.line((at, top, at, y), fill=shade(paint, 0.84), width=3)
    roof = shade(paint, 0.5)
    for side in (left - 14, right + 14):
        draw.line((side, eaves + 12, x, eaves - width * 0.44), fill=roof, width=18)
    door = (x - width * 0.2, eaves + high * 0.2, x + width * 0.2, y)
    draw.rectangle(door, fill=shade(paint, 1.24), outline=(240, 240, 234), width=9)
    draw.line((x, door[1], x, y), fill=(240, 240, 234), width=5)
    draw.ellipse(around((x, eaves - width * 0.12), 26), fill=(244, 242, 232))
    draw.text((x, eaves - width * 0.12), str(chance.randint(11, 98)), fill=(60, 64, 70), anchor="mm", font=font(30))
    draw.rectangle((left - 8, y, right + 8, y + 16), fill=(150, 120, 88))


def park_bench(chance: Random, size: Size, word: str) -> Image.Image:
    width, height = size
    image = Image.new("RGB", size, (112, 146, 82))
    draw = ImageDraw.Draw(image)
    hedge = (64, 98, 60)
    draw.rectangle((0, 0, width, height * 0.3), fill=hedge)
    for _ in range(900):
        spot = (chance.uniform(0, width), chance.uniform(0, height * 0.33))
        draw.ellipse(around(spot, chance.uniform(8, 26)), fill=shade(hedge, chance.uniform(0.7, 1.4)))
    blades(draw, chance, (0, height * 0.32, width, height), 4200)
    draw.polygon([(0, height * 0.86), (width, height * 0.8), (width, height), (0, height)], fill=(188, 176, 154))
    wood = chance.choice(((150, 104, 62), (126, 92, 66), (172, 128, 80)))
    left, right = width * 0.12, width * 0.88
    for leg in (left + 60, right - 60):
        draw.rectangle((leg - 16, height * 0.36, leg + 16, height * 0.86), fill=(58, 60, 64))
    for y in (0.36, 0.44, 0.52, 0.63, 0.67):
        slat(draw, chance, (left, height * y, right, height * y + height * 0.062), shade(wood, 1.1 - (y > 0.6) * 0.16))
    spray(image, chance, word, where=(0.5, 0.46), width=0.42)
    return image


def slat(draw: ImageDraw.ImageDraw, chance: Random, box: tuple[float, ...], wood: Colour) -> None:
    left, top, right, bottom = box
    draw.rounded_rectangle((left, top, right, bottom), 8, fill=wood)
    for _ in range(7):
        y = chance.uniform(top + 4, bottom - 4)
        draw.line(
            (left + 6, y, right - 6, y + chance.uniform(-4, 4)), fill=shade(wood, chance.uniform(0.84, 1.1)), width=2
        )
    draw.line((left, bottom, right, bottom), fill=shade(wood, 0.6), width=4)


# What is sprayed on them ----------------------------------------------------------------------------------------


def spray(image: Image.Image, chance: Random, word: str, *, where: Point, width: float, fat: bool = False) -> None:
    """`word` in spray paint: leaning, wavy, with a glow and drips. Fat letters have an outline of another colour."""
    colour = chance.choice(SPRAY)
    letters = wavy(lettering(word or "TAG", thick=17 if fat else 6), chance)
    scale = image.width * width / letters.width
    letters = letters.resize((int(letters.width * scale), int(letters.height * scale)), Image.Resampling.BILINEAR)
    at = (int(image.width * where[0] - letters.width / 2), int(image.height * where[1] - letters.height / 2))
    paint = Image.new("L", image.size)
    paint.paste(letters, at)
    drips(paint, chance, letters, at)
    image.paste(colour, mask=haze(paint, 14).point(lambda v: v * 110 // 255))
    image.paste(colour, mask=paint.filter(ImageFilter.BoxBlur(1.5)))
    if fat:
        small = paint.reduce(4).filter(ImageFilter.MinFilter(5))
        inner = small.resize(paint.size, Image.Resampling.BICUBIC).filter(ImageFilter.BoxBlur(1.5))
        image.paste(chance.choice([other for other in SPRAY if other != colour]), mask=inner)


def haze(shape: Image.Image, radius: int) -> Image.Image:
    """A wide blur, worked out small because nobody could tell."""
    small = shape.reduce(6).filter(ImageFilter.GaussianBlur(radius / 6))
    return small.resize(shape.size, Image.Resampling.BILINEAR)


def lettering(word: str, *, thick: int) -> Image.Image:
    """White letters on black, run together and leaning over."""
    points, x = 180, 60
    shape = Image.new("L", (points * len(word) + 120, points * 2))
    draw = ImageDraw.Draw(shape)
    for letter in word:
        draw.text((x, 40), letter, fill=255, font=font(points), stroke_width=thick, stroke_fill=255)
        x += int(draw.textlength(letter, font=font(points))) + thick - 9
    lean = 0.22
    slant = (1, lean, -lean * points, 0, 1, 0)
    shape = shape.transform(shape.size, Image.Transform.AFFINE, slant, Image.Resampling.BILINEAR)
    return shape.crop(shape.getbbox() or (0, 0, 1, 1))


def wavy(shape: Image.Image, chance: Random) -> Image.Image:
    """Columns pushed up and down along a wave, as a quick hand writes."""
    tall, phase, length = 30, chance.uniform(0, 6.28), chance.uniform(1.1, 1.9)
    framed = Image.new("L", (shape.width, shape.height + 2 * tall))
    step = 5
    for x in range(0, shape.width, step):
        lift = tall + int(tall * 0.8 * math.sin(phase + length * 6.28 * x / shape.width))
        framed.paste(shape.crop((x, 0, min(x + step, shape.width), shape.height)), (x, lift))
    framed = framed.rotate(chance.uniform(-7, 9), Image.Resampling.BILINEAR, expand=True)
    return framed.crop(framed.getbbox() or (0, 0, 1, 1))


def drips(paint: Image.Image, chance: Random, letters: Image.Image, at: Point) -> None:
    draw = ImageDraw.Draw(paint)
    for _ in range(chance.randint(4, 9)):
        x = int(letters.width * chance.uniform(0.06, 0.94))
        column = letters.crop((x, 0, x + 1, letters.height)).getbbox()
        if column is None:
            continue
        top, long = at[1] + column[3] - 8, chance.uniform(30, 150)
        draw.line((at[0] + x, top, at[0] + x, top + long), fill=255, width=chance.randint(4, 8))
        draw.ellipse(around((at[0] + x, top + long), 6), fill=255)


def font(points: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(points)


# Grounds with litter --------------------------------------------------------------------------------------------


def pavement(chance: Random, size: Size, thing: str) -> Image.Image:
    width, height = size
    base = chance.choice(((172, 166, 156), (156, 156, 154), (182, 170, 150)))
    image = Image.new("RGB", size, shade(base, 0.72))
    draw = ImageDraw.Draw(image)
    for row in range(-1, height // 168 + 2):
        for column in range(-1, width // 250 + 2):
            x, y = column * 250 + (row % 2) * 125, row * 168
            draw.rectangle((x, y, x + 243, y + 161), fill=shade(base, chance.uniform(0.92, 1.07)))
    for _ in range(160):
        spot = (chance.uniform(0, width), chance.uniform(0, height))
        draw.ellipse(around(spot, chance.uniform(4, 15)), fill=shade(base, chance.uniform(0.8, 0.92)))  # old gum
    if chance.random() < 0.5:
        kerb(draw, size)
    return strewn(image, chance, thing)


def kerb(draw: ImageDraw.ImageDraw, size: Size) -> None:
    width, height = size
    draw.rectangle((0, height * 0.78, width, height), fill=(84, 86, 90))
    draw.rectangle((0, height * 0.76, width, height * 0.8), fill=(146, 144, 138))
    for y in (0.86, 0.9):
        draw.rectangle((0, height * y, width, height * y + 16), fill=(226, 190, 60))


def grass(chance: Random, size: Size, thing: str) -> Image.Image:
    image = Image.new("RGB", size, (104, 140, 72))
    blades(ImageDraw.Draw(image), chance, (0, 0, *size), 9000)
    return strewn(image, chance, thing)


def beach(chance: Random, size: Size, thing: str) -> Image.Image:
    return strewn(shingle(chance, size), chance, thing)


def boardwalk(chance: Random, size: Size, thing: str) -> Image.Image:
    wood = chance.choice(((158, 134, 108), (140, 124, 110), (174, 146, 112)))
    image = Image.new("RGB", size, shade(wood, 0.5))
    draw = ImageDraw.Draw(image)
    for y in range(-20, size[1], 128):
        slat(draw, chance, (-10, y, size[0] + 10, y + 119), shade(wood, chance.uniform(0.9, 1.08)))
    return strewn(image, chance, thing)


def strewn(image: Image.Image, chance: Random, thing: str) -> Image.Image:
    """The thing in the middle, a few others around it, cigarette ends everywhere."""
    drop(image, LITTER[thing](chance), chance, (image.width * 0.5, image.height * 0.46), 1.45)
    others, turn = chance.randint(1, 4), chance.uniform(0, 6.28)
    for number in range(others):
        angle, reach = turn + 6.28 * number / others, chance.uniform(0.27, 0.4)
        spot = (image.width * (0.5 + reach * math.cos(angle)), image.height * (0.46 + reach * math.sin(angle)))
        drop(image, LITTER[chance.choice(LARGE)](chance), chance, spot, chance.uniform(0.7, 1.05))
    for _ in range(chance.randint(3, 14)):
        spot = (chance.uniform(0.1, 0.9) * image.width, chance.uniform(0.1, 0.72) * image.height)
        drop(image, cigarette_end(chance), chance, spot, 0.5)
    return image


def drop(image: Image.Image, thing: Image.Image, chance: Random, where: Point, scale: float) -> None:
    """Lay a thing down at some angle, with its shadow."""
    thing = thing.resize((int(thing.width * scale), int(thing.height * scale)), Image.Resampling.LANCZOS)
    thing = thing.rotate(chance.uniform(0, 360), Image.Resampling.BILINEAR, expand=True)
    at = (int(where[0] - thing.width / 2), int(where[1] - thing.height / 2))
    shadow = haze(thing.getchannel("A"), 9).point(lambda v: v * 120 // 255)
    image.paste((24, 24, 28), (at[0] + 12, at[1] + 16), shadow)
    image.paste(thing, at, thing)


def blank(width: int, height: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    sheet = Image.new("RGBA", (width, height))
    return sheet, ImageDraw.Draw(sheet)


def can(chance: Random) -> Image.Image:
    sheet, draw = blank(150, 270)
    paint = chance.choice(((190, 34, 44), (28, 96, 164), (34, 132, 84), (236, 128, 32), (70, 70, 78)))
    draw.rounded_rectangle((15, 12, 135, 258), 22, fill=paint)
    draw.rectangle((32, 14, 52, 256), fill=shade(paint, 1.35))
    draw.rectangle((112, 18, 134, 252), fill=shade(paint, 0.7))
    draw.polygon([(15, 120), (135, 90), (135, 150), (15, 180)], fill=(244, 240, 232))
    for y in (4, 240):
        draw.ellipse((18, y, 132, y + 28), fill=(198, 202, 206), outline=(140, 144, 150), width=4)
    return sheet


def cup(chance: Random) -> Image.Image:
    sheet, draw = blank(220, 320)
    paint = chance.choice(((246, 242, 232), (120, 78, 50), (44, 108, 92), (214, 60, 56)))
    draw.polygon([(40, 40), (180, 40), (160, 300), (60, 300)], fill=paint)
    draw.polygon([(46, 120), (174, 120), (166, 220), (54, 220)], fill=shade(paint, 0.68))
    draw.rounded_rectangle((28, 16, 192, 56), 14, fill=(250, 250, 248), outline=(206, 206, 202), width=4)
    return sheet


def bottle(chance: Random) -> Image.Image:
    sheet, draw = blank(130, 400)
    glass = chance.choice(((64, 104, 62), (120, 82, 42), (176, 206, 214), (198, 226, 232)))
    draw.rounded_rectangle((14, 130, 116, 394), 26, fill=(*glass, 235))
    draw.polygon([(14, 160), (48, 80), (82, 80), (116, 160)], fill=(*glass, 235))
    draw.rectangle((48, 22, 82, 90), fill=(*glass, 235))
    draw.rounded_rectangle((44, 6, 86, 36), 6, fill=chance.choice(((226, 226, 222), (40, 90, 170), (180, 40, 44))))
    draw.rectangle((14, 210, 116, 310), fill=(244, 240, 228))
    draw.rectangle((30, 150, 42, 384), fill=(255, 255, 255, 90))
    return sheet


def packet(chance: Random) -> Image.Image:
    """A crisp packet, crimped at both ends."""
    sheet, draw = blank(240, 300)
    paint = chance.choice(((222, 164, 30), (196, 42, 52), (62, 128, 68), (104, 62, 146), (40, 116, 176)))
    outline = [(20 + 20 * n, 12 if n % 2 else 24) for n in range(11)] + [
        (220 - 20 * n, 288 if n % 2 else 276) for n in range(11)
    ]
    draw.polygon(outline, fill=paint)
    draw.ellipse((56, 78, 184, 206), fill=shade(paint, 1.4))
    draw.ellipse((84, 106, 156, 178), fill=(248, 240, 220))
    for _ in range(5):
        x, y = chance.uniform(30, 200), chance.uniform(40, 260)
        draw.line((x, y, x + chance.uniform(-50, 50), y + chance.uniform(20, 70)), fill=shade(paint, 0.74), width=5)
    for y in (30, 262):
        draw.line((20, y, 220, y), fill=shade(paint, 0.66), width=6)
    return sheet


def takeaway_box(chance: Random) -> Image.Image:
    sheet, draw = blank(340, 330)
    card = chance.choice(((238, 232, 216), (206, 172, 124), (224, 80, 64)))
    draw.polygon([(20, 20), (320, 20), (300, 150), (40, 150)], fill=shade(card, 0.9))
    draw.polygon([(40, 160), (300, 160), (322, 312), (18, 312)], fill=card)
    draw.rectangle((60, 186, 280, 288), fill=shade(card, 0.8))
    for _ in range(9):
        x, y = chance.uniform(70, 230), chance.uniform(196, 262)
        draw.rounded_rectangle((x, y, x + 46, y + 12), 5, fill=(230, 180, 76))
    return sheet


def paper(chance: Random) -> Image.Image:
    """A crumpled receipt or leaflet."""
    sheet, draw = blank(230, 280)
    corners = [(14, 20), (120, 6), (214, 26), (222, 150), (206, 268), (100, 258), (20, 272), (6, 140)]
    draw.polygon([(x + chance.uniform(-10, 10), y + chance.uniform(-6, 6)) for x, y in corners], fill=(246, 244, 238))
    for y in range(46, 236, 26):
        draw.line((40, y, chance.uniform(120, 190), y + 4), fill=(150, 152, 158), width=6)
    draw.line((20, 60, 200, 220), fill=(214, 212, 206), width=5)
    draw.line((190, 40, 60, 250), fill=(222, 220, 214), width=4)
    return sheet


def cigarette_end(chance: Random) -> Image.Image:
    sheet, draw = blank(36, 130)
    long = chance.randint(20, 60)
    draw.rounded_rectangle((6, 126 - 62, 30, 126), 6, fill=(206, 142, 74))
    draw.rectangle((6, 64 - long, 30, 66), fill=(240, 238, 232))
    draw.ellipse((6, 58 - long, 30, 72 - long), fill=(70, 66, 64))
    return sheet


LITTER: dict[str, Callable[[Random], Image.Image]] = {
    "can": can,
    "cup": cup,
    "bottle": bottle,
    "packet": packet,
    "takeaway_box": takeaway_box,
    "paper": paper,
    "cigarette_end": cigarette_end,
}
LARGE = tuple(thing for thing in LITTER if thing != "cigarette_end")


# Surfaces -------------------------------------------------------------------------------------------------------


def sky(chance: Random, size: Size) -> Image.Image:
    top, low = chance.choice(
        (((126, 170, 210), (214, 228, 236)), ((158, 170, 182), (216, 220, 222)), ((104, 150, 206), (238, 222, 196)))
    )
    fade = Image.linear_gradient("L").resize(size)
    return Image.composite(Image.new("RGB", size, low), Image.new("RGB", size, top), fade)


def blotched(chance: Random, size: Size, base: Colour) -> Image.Image:
    """Concrete: cloudy, and darker where water ran down."""
    clouds = Image.frombytes("L", (28, 21), chance.randbytes(28 * 21)).resize(size, Image.Resampling.BILINEAR)
    image = Image.composite(Image.new("RGB", size, shade(base, 1.06)), Image.new("RGB", size, shade(base, 0.9)), clouds)
    draw = ImageDraw.Draw(image)
    for _ in range(14):
        x = chance.uniform(0, size[0])
        draw.line(
            (x, 0, x + chance.uniform(-8, 8), size[1] * chance.uniform(0.2, 0.8)), fill=shade(base, 0.88), width=5
        )
    return image.filter(ImageFilter.BoxBlur(2))


def shingle(chance: Random, size: Size) -> Image.Image:
    image = Image.new("RGB", size, (120, 106, 90))
    draw = ImageDraw.Draw(image)
    tones = ((178, 158, 132), (150, 132, 112), (196, 182, 160), (132, 122, 114), (168, 140, 108))
    for _ in range(size[0] * size[1] // 330):
        x, y, wide = chance.uniform(0, size[0]), chance.uniform(0, size[1]), chance.uniform(9, 24)
        draw.ellipse((x, y, x + wide, y + wide * 0.7), fill=shade(chance.choice(tones), chance.uniform(0.86, 1.1)))
    return image


def blades(draw: ImageDraw.ImageDraw, chance: Random, box: tuple[float, ...], count: int) -> None:
    left, top, right, bottom = box
    for _ in range(count):
        x, y = chance.uniform(left, right), chance.uniform(top, bottom)
        green = shade((112, 148, 78), chance.uniform(0.7, 1.35))
        draw.line((x, y, x + chance.uniform(-9, 9), y - chance.uniform(10, 34)), fill=green, width=3)


def pavement_strip(image: Image.Image, chance: Random) -> None:
    """The ground in front of a wall."""
    draw, top = ImageDraw.Draw(image), image.height * 0.87
    draw.rectangle((0, top, image.width, image.height), fill=(150, 146, 140))
    draw.rectangle((0, top - 8, image.width, top + 6), fill=(92, 88, 84))
    for x in range(-80, image.width + 200, 210):
        draw.line((x, top, x - 120, image.height), fill=(120, 116, 110), width=5)


def shade(colour: Colour, by: float) -> Colour:
    red, green, blue = (max(0, min(255, int(part * by))) for part in colour)
    return red, green, blue


def around(spot: Point, radius: float) -> tuple[float, float, float, float]:
    return spot[0] - radius, spot[1] - radius, spot[0] + radius, spot[1] + radius


GRAFFITI: dict[str, Callable[[Random, Size, str], Image.Image]] = {
    "brick_wall": brick_wall,
    "shop_shutter": shop_shutter,
    "concrete_underpass": concrete_underpass,
    "sea_wall": sea_wall,
    "beach_huts": beach_huts,
    "park_bench": park_bench,
}
GROUNDS: dict[str, Callable[[Random, Size, str], Image.Image]] = {
    "pavement": pavement,
    "grass": grass,
    "beach": beach,
    "boardwalk": boardwalk,
}
SCENES = GRAFFITI | GROUNDS
WIDE = ("beach_huts", "park_bench")  # nobody holds the phone upright for these

"""Draws Beatbook's icons: an open pocket book with a tick.

Run `python icons.py` after a change; the pictures are kept in public/.
"""

from pathlib import Path

from PIL import Image, ImageDraw

GREEN = "#004d2c"
WHITE = "#ffffff"
SHADE = "#cfe0d6"  # the far page, and the lines written on it
PUBLIC = Path(__file__).parent / "public"
FINE = 4  # drawn this much larger and scaled down, for smooth edges

# On a square of 100: the two pages of the open book, the lines of writing, and the tick.
LEFT = [(16, 27), (47, 33), (47, 79), (16, 73)]
RIGHT = [(84, 27), (53, 33), (53, 79), (84, 73)]
LINES = [((22, 40), (41, 43.7)), ((22, 50), (41, 53.7)), ((22, 60), (34, 62.3))]
TICK = [(59.5, 55), (66, 62.5), (77.5, 44)]


def main() -> None:
    PUBLIC.mkdir(exist_ok=True)
    draw(512, corner=22).save(PUBLIC / "icon-512.png", optimize=True)
    draw(192, corner=22).save(PUBLIC / "icon-192.png", optimize=True)
    draw(512, corner=0, size=0.78).convert("RGB").save(PUBLIC / "icon-maskable-512.png", optimize=True)
    draw(180, corner=0, size=0.92).convert("RGB").save(PUBLIC / "apple-touch-icon.png", optimize=True)
    (PUBLIC / "icon.svg").write_text(vector(), encoding="utf-8")


def draw(pixels: int, *, corner: float, size: float = 1.0) -> Image.Image:
    """The mark on its green ground. `size` leaves the margin that phones cut away from a maskable icon."""
    side = pixels * FINE
    image = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((0, 0, side - 1, side - 1), radius=side * corner / 100, fill=GREEN)

    def place(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
        return [((50 + (x - 50) * size) * side / 100, (50 + (y - 53) * size) * side / 100) for x, y in points]

    def stroke(points: list[tuple[float, float]], width: float, colour: str) -> None:
        across = width * size * side / 100
        pen.line(place(points), fill=colour, width=round(across), joint="curve")
        for x, y in place(points):
            pen.ellipse((x - across / 2, y - across / 2, x + across / 2, y + across / 2), fill=colour)

    pen.polygon(place(LEFT), fill=SHADE)
    pen.polygon(place(RIGHT), fill=WHITE)
    for line in LINES:
        stroke(list(line), 2.6, GREEN)
    stroke(TICK, 6.4, GREEN)
    return image.resize((pixels, pixels), Image.Resampling.LANCZOS)


def vector() -> str:
    def points(corners: list[tuple[float, float]]) -> str:
        return " ".join(f"{x:g},{y - 3:g}" for x, y in corners)

    lines = "".join(f'<polyline points="{points(list(line))}" stroke-width="2.6"/>' for line in LINES)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">'
        f'<rect width="100" height="100" rx="22" fill="{GREEN}"/>'
        f'<polygon points="{points(LEFT)}" fill="{SHADE}"/><polygon points="{points(RIGHT)}" fill="{WHITE}"/>'
        f'<g fill="none" stroke="{GREEN}" stroke-linecap="round" stroke-linejoin="round">{lines}'
        f'<polyline points="{points(TICK)}" stroke-width="6.4"/></g></svg>\n'
    )


if __name__ == "__main__":
    main()

"""Drawn scenes of colored shapes, each with the one sentence that is right of it, in English and in Korean.

A scene shows a shape in a place, a large and a small shape with the large one on a side of the other, or two to four
equal shapes. What is said first is always the large shape, and its side is what is told, so that each scene has one
right sentence. Of the ways to join a color, a shape and a place, side or number every fifth stands in the test scenes
alone: there, all scenes are of such.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from yeoul.data.made.tables import made_table
from yeoul.data.tables import Table

SCENES = "scenes"
SCENES_TITLE = (
    "9,600 drawn scenes of colored shapes with the sentence that is right of each, in English (made up)"
)
SCENES_KO = "scenes-ko"
SCENES_KO_TITLE = (
    "9,600 drawn scenes of colored shapes with the sentence that is right of each, in Korean (made up)"
)
Shape = Literal["circle", "square", "triangle", "star", "diamond"]
Floats = npt.NDArray[np.float64]
Pixels = npt.NDArray[np.uint8]

_SIZES = {"train": 8000, "validation": 600, "test": 1000}
_SHAPES: tuple[Shape, ...] = ("circle", "square", "triangle", "star", "diamond")
_COLORS: Mapping[str, tuple[float, float, float]] = {
    "red": (0.86, 0.12, 0.12),
    "green": (0.10, 0.60, 0.20),
    "blue": (0.12, 0.25, 0.85),
    "yellow": (0.95, 0.80, 0.10),
    "purple": (0.55, 0.15, 0.65),
    "black": (0.05, 0.05, 0.05),
}
_PLACES = {"center": (0.5, 0.5), "top left": (0.28, 0.28), "top right": (0.72, 0.28)}
_PLACES |= {"bottom left": (0.28, 0.72), "bottom right": (0.72, 0.72)}
_SIDES = {"left of": (-1, 0), "right of": (1, 0), "above": (0, -1), "below": (0, 1)}
_NUMBERS = ("two", "three", "four")
_LARGE = (0.15, 0.18)
_SMALL = (0.085, 0.10)
_REACH = 0.26
"""No shape goes farther from its middle, its smoothed edge among it."""
_HELD_OUT = 5
_KOREAN: Mapping[str, str] = dict(
    pair.split(":")
    for pair in (
        *("red:빨간", "green:초록색", "blue:파란", "yellow:노란", "purple:보라색", "black:검은"),
        *("circle:원", "square:네모", "triangle:세모", "star:별", "diamond:마름모"),
        *("large:큰", "small:작은", "two:두", "three:세", "four:네"),
        *("left of:왼쪽에", "right of:오른쪽에", "above:위에", "below:아래에", "center:가운데에"),
        *("top left:왼쪽 위에", "top right:오른쪽 위에"),
        *("bottom left:왼쪽 아래에", "bottom right:오른쪽 아래에"),
    )
)
_NOISE = 0.02
_NOISES = 1 << 16


@dataclass(frozen=True)
class Figure:
    """A shape in a square of side 1, whose first corner is the upper left one."""

    shape: Shape
    color: str
    x: float
    y: float
    radius: float


@dataclass(frozen=True)
class Scene:
    """What is drawn, what is told of it, and which noise lies over it."""

    figures: tuple[Figure, ...]
    told: str
    """A place, side or number."""
    ground: float
    """How light the ground is."""
    noise: int

    @property
    def combination(self) -> tuple[str, Shape, str]:
        """Color and shape of what is told first, and what is told of it."""
        return self.figures[0].color, self.figures[0].shape, self.told


def scenes() -> Table:
    """Return the columns `image`, `caption` in English, and `split`."""
    return _table(SCENES, [said(scene) for scene in drawn_scenes()])


def korean_scenes() -> Table:
    """Return the columns `image`, `caption` in Korean, and `split`, of the same scenes."""
    return _table(SCENES_KO, [said_in_korean(scene) for scene in drawn_scenes()])


def scene_pictures(size: int) -> Pixels:
    """Draw all scenes: (N, size, size, 3)."""
    return np.stack([drawn(scene, size) for scene in drawn_scenes()])


@cache
def drawn_scenes() -> tuple[Scene, ...]:
    """Return the scenes of training, validation and test, the same on every machine."""
    draw = np.random.default_rng(42)
    found: list[Scene] = []
    for split, size in _SIZES.items():
        held_out, end = split == "test", len(found) + size
        while len(found) < end:
            scene = _any_scene(draw)
            if is_held_out(scene.combination) == held_out:
                found.append(scene)
    return tuple(found)


def is_held_out(combination: tuple[str, Shape, str]) -> bool:
    """Tell whether scenes of this color, shape, and place, side or number are test scenes."""
    color, shape, told = combination
    kinds: tuple[Sequence[str], ...] = (tuple(_PLACES), tuple(_SIDES), _NUMBERS)
    place = next(kind.index(told) for kind in kinds if told in kind)
    return (list(_COLORS).index(color) + 2 * _SHAPES.index(shape) + 3 * place) % _HELD_OUT == 0


def said(scene: Scene) -> str:
    """Return the sentence that is right of a scene."""
    first = scene.figures[0]
    if scene.told in _NUMBERS:
        return f"{scene.told} {first.color} {first.shape}s"
    if scene.told in _PLACES:
        return f"a {_thing(first)} is in the {scene.told}"
    return f"a {_thing(first)} is {scene.told} a {_thing(scene.figures[1])}"


def said_in_korean(scene: Scene) -> str:
    """Return the Korean sentence that is right of a scene."""
    first, told = scene.figures[0], _KOREAN[scene.told]
    if scene.told in _NUMBERS:
        return f"{_KOREAN[first.color]} {_subject(first)} {told} 개 있다"
    if scene.told in _PLACES:
        return f"{_korean_size(first)} {_KOREAN[first.color]} {_subject(first)} {told} 있다"
    other = scene.figures[1]
    beside = f"{_korean_size(other)} {_KOREAN[other.color]} {_KOREAN[other.shape]} {told}"
    return f"{_korean_size(first)} {_KOREAN[first.color]} {_subject(first)} {beside} 있다"


def drawn(scene: Scene, size: int) -> Pixels:
    """Draw a scene (size, size, 3), the edges of its shapes smoothed over a pixel."""
    centers = (np.arange(size) + 0.5) / size
    values = 3 * size * size
    picture = (scene.ground + _noise(size)[scene.noise : scene.noise + values]).reshape(size, size, 3)
    for figure in scene.figures:
        across, down = _near(centers, figure.x), _near(centers, figure.y)
        x, y = (centers[across] - figure.x)[None, :], (centers[down] - figure.y)[:, None]
        inside = np.clip(0.5 - size * _distance(figure.shape, x, y, figure.radius), 0.0, 1.0)[..., None]
        part = picture[down, across]
        part += inside * (np.array(_COLORS[figure.color]) - scene.ground)
    pixels: Pixels = np.clip(255 * picture + 0.5, 0, 255).astype(np.uint8)
    return pixels


@cache
def _noise(size: int) -> Floats:
    """Return random numbers, of which each scene takes a run of its own."""
    return np.random.default_rng(7).normal(0.0, _NOISE, _NOISES + 3 * size * size)


def _near(centers: Floats, middle: float) -> slice:
    """Return the pixels that a shape may reach."""
    return slice(*np.searchsorted(centers, (middle - _REACH, middle + _REACH)).tolist())


def _table(name: str, captions: list[str]) -> Table:
    splits = [split for split, size in _SIZES.items() for _ in range(size)]
    images = [f"scene-{number:05}" for number in range(1, len(captions) + 1)]
    return made_table(name, {"image": images, "caption": captions, "split": splits})


def _thing(figure: Figure) -> str:
    return f"{_size(figure)} {figure.color} {figure.shape}"


def _size(figure: Figure) -> str:
    return "large" if figure.radius >= _LARGE[0] else "small"


def _korean_size(figure: Figure) -> str:
    return _KOREAN[_size(figure)]


def _subject(figure: Figure) -> str:
    """Return the name of a shape with the particle of a subject."""
    word = _KOREAN[figure.shape]
    return word + ("이" if (ord(word[-1]) - 0xAC00) % 28 else "가")


def _any_scene(draw: np.random.Generator) -> Scene:
    match int(draw.integers(4)):
        case 0:
            return _place(draw)
        case 1:
            return _number(draw)
        case _:
            return _side(draw)


def _place(draw: np.random.Generator) -> Scene:
    told = _one_of(draw, _PLACES)
    (x, y), radii = _PLACES[told], (_LARGE, _SMALL)[int(draw.integers(2))]
    return _scene(
        draw, [_figure(draw, x + draw.uniform(-0.05, 0.05), y + draw.uniform(-0.05, 0.05), radii)], told
    )


def _side(draw: np.random.Generator) -> Scene:
    told = _one_of(draw, _SIDES)
    along, across = draw.uniform(0.36, 0.52), draw.uniform(-0.12, 0.12)
    step = _SIDES[told]
    away = (step[0] * along, across) if step[0] else (across, step[1] * along)
    # the middle between both is drawn so that the whole of them is inside
    x, y = (draw.uniform(0.24 + abs(gap) / 2, 0.76 - abs(gap) / 2) for gap in away)
    large = _figure(draw, x + away[0] / 2, y + away[1] / 2, _LARGE)
    return _scene(draw, [large, _figure(draw, x - away[0] / 2, y - away[1] / 2, _SMALL)], told)


def _number(draw: np.random.Generator) -> Scene:
    count = int(draw.integers(2, 5))
    cells = draw.choice(9, count, replace=False).tolist()
    places = [(0.2 + 0.3 * (cell % 3), 0.2 + 0.3 * (cell // 3)) for cell in cells]
    first = _figure(draw, 0.0, 0.0, _SMALL)
    figures = [
        Figure(
            first.shape,
            first.color,
            x + draw.uniform(-0.03, 0.03),
            y + draw.uniform(-0.03, 0.03),
            first.radius,
        )
        for x, y in places
    ]
    return _scene(draw, figures, _NUMBERS[count - 2])


def _figure(draw: np.random.Generator, x: float, y: float, radii: tuple[float, float]) -> Figure:
    shape, color = _SHAPES[int(draw.integers(len(_SHAPES)))], _one_of(draw, _COLORS)
    return Figure(shape, color, float(x), float(y), float(draw.uniform(*radii)))


def _one_of(draw: np.random.Generator, named: Mapping[str, object]) -> str:
    return tuple(named)[int(draw.integers(len(named)))]


def _scene(draw: np.random.Generator, figures: Sequence[Figure], told: str) -> Scene:
    return Scene(tuple(figures), told, float(draw.uniform(0.75, 0.97)), int(draw.integers(_NOISES)))


def _distance(shape: Shape, x: Floats, y: Floats, radius: float) -> Floats:
    """Return how far points are outside a shape, negative inside it; all shapes have about the same area."""
    far: Floats
    match shape:
        case "circle":
            far = np.hypot(x, y) - radius
        case "square":
            far = np.maximum(abs(x), abs(y)) - 0.88 * radius
        case "diamond":
            far = (abs(x) + abs(y)) / np.sqrt(2) - 0.88 * radius
        case "triangle":
            down = y - 0.25 * radius
            far = np.maximum(np.sqrt(3) / 2 * abs(x) - down / 2, down) - 0.62 * radius
        case "star":
            far = _star(x, y, 1.3 * radius)
    return far


def _star(x: Floats, y: Floats, radius: float) -> Floats:
    """Return about how far points are outside a star of five points, one of them up."""
    turn = 2 * np.pi / 5
    angle = np.arctan2(x, -y) % turn
    angle = np.minimum(angle, turn - angle)  # from the nearest point
    reach, inner = np.hypot(x, y), 0.45 * radius
    tip, notch = np.array([radius, 0.0]), inner * np.array([np.cos(turn / 2), np.sin(turn / 2)])
    edge = notch - tip
    edge /= np.hypot(*edge)
    across = reach * np.cos(angle) - tip[0], reach * np.sin(angle) - tip[1]
    far: Floats = edge[1] * across[0] - edge[0] * across[1]
    return far

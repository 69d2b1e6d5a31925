"""Makes `data/cutouts.npz` from Debian's package of Tux Paint's stamps.

    apt-get download tuxpaint-stamps-default
    dpkg-deb -x tuxpaint-stamps-default_2022.06.04-1_all.deb unpacked
    .venv/bin/python .ci/make_cutouts.py unpacked

It takes photographs of seven kinds, named in `KINDS`: drawings, toys and second
photographs of one animal are left out, after a look at every picture. Each is scaled to
fit into a square, and set in its middle; around it, alpha is 0. Of each kind sixteen,
drawn under a seed, are for training, and all others for testing.
"""

import hashlib
import sys
from pathlib import Path

import bundle
import numpy as np
from PIL import Image

STAMPS = Path("usr/share/tuxpaint/stamps")
SIDE = 64
"""Of the square [pixels]."""
TRAIN = 16
"""Photographs of each kind for training."""
SEED = 12
SOURCE = "35077ed8389d50b9f2c3a9aba17ec764577d1e94bd2c7b5c55c98540c6172948"
"""sha256 of the source files that were chosen, one after the other."""

BIRD = """adelaide-rosella blackbird chicken_profile crow crowned_crane cuckoo drake
    duck gander guineafowl helmeted_guineafowl hen heron_greatblue
    heron_greatblue_flying lark little-penguin magellanic_penguin magpie nandou ostrich
    owl peacock pelican penguin pigeon pink_flamingo quetzal rainbow-lorikeet rooster
    seagull silver-gull tucan turkey vulture"""
HOOFED = """bovines/bison bovines/bull bovines/cow bovines/cow_white
    bovines/gnu-baby-stand bovines/gnu-sitting bovines/gnu-stand bovines/goat
    bovines/indian_blackbuck bovines/mountaingoat bovines/ram bovines/sheep
    bovines/sheep_lamb bovines/yak bovines/zebu camel/camel camel/dromedary deer/caribou
    deer/deer deer/doe deer/wapiti equines/donkey equines/donkey_eating equines/horse
    equines/zebra giraffe hippopotamus pig pig_golden rhino_black wildboar"""
PAWED = """aquatic/otter badger bears/bear bears/european-bear cats/lion cats/lion-2
    cats/tiger cats/tiger_sumatran dogs/dingo dogs/dog dogs/fox echidna ferret
    rabbit_little rodents/beaver rodents/capybara rodents/marmot rodents/mouse
    rodents/rabbit rodents/rabbit-2 rodents/rat rodents/squirrel"""
FRUIT = """Apricot_whole Cherry_Stella Strawberry2 apple_fuji apple_granny_smith
    apple_green apple_red apple_sierra_beauty apricot avocado banana cherimoya grapes
    kiwi lemon mandarine mango orange orange_seville pear pineapple pomegranate
    raspberry sliced_lime sliced_orange strawberry"""
VEGETABLE = """food/vegetables/broccoli food/vegetables/carrot
    food/vegetables/chilepepper food/vegetables/corn food/vegetables/eggplant
    food/vegetables/garlic food/vegetables/garlics food/vegetables/lettuce
    food/vegetables/mushroom food/vegetables/onion food/vegetables/pattypan_squash
    food/vegetables/pepper food/vegetables/potato food/vegetables/pumpkin_small
    food/vegetables/redlettuce food/vegetables/tomato food/vegetables/yam
    food/vegetables/yellowpepper food/spices/ginger plants/mushrooms/cep
    plants/mushrooms/cep-1 plants/mushrooms/cep-2"""
FLOWER = """adeenia anemone_red anthoorium appooppanthady bolsom chemparathi daffodil
    flower1 flower10 flower2 flower3 flower4 flower5 flower6 flower7 flower8 flower9
    iris marigold pigface red-gazania rose whitestar-petunia yellow-flower"""
HOUSEHOLD = """Lightbulb arttools/highlighter arttools/pen_dryerase
    arttools/scissors_small_closed arttools/scissors_small_open cylinder dishes/glass
    dishes/mug dishes/pitcher_small dishes/teapot dishes/utensils/nutcracker
    dishes/utensils/pepper_grinder garbagecan home_compost_bin kettle key toilet
    tools/hammer tools/mallet_metal tools/measuring_tape tools/paintbrush_large
    tools/plyers tools/saw tools/spade tools/toolbox tools/wrench
    tools/wrench_adjustable tools/wrench_plumbers wheelie_bin"""
KINDS = {
    "bird": ("animals/birds", BIRD),
    "hoofed animal": ("animals/mammals", HOOFED),
    "pawed animal": ("animals/mammals", PAWED),
    "fruit": ("food/fruit", FRUIT),
    "vegetable": ("", VEGETABLE),
    "flower": ("plants/flowers", FLOWER),
    "household": ("household", HOUSEHOLD),
}
"""Class -> folder, and the names of its files there; in the order of the labels."""


def cutout(path: Path) -> np.ndarray:
    """Return a photograph in the middle of a square: (SIDE, SIDE, 4), uint8.

    The fourth channel is alpha. Where it is 0, the colours are 0, too.
    """
    with Image.open(path) as image:
        image = image.convert("RGBA")
    image = image.crop(image.getchannel("A").getbbox())
    scale = SIDE / max(image.size)
    size = tuple(max(1, round(scale * n)) for n in image.size)
    small = np.asarray(image.resize(size, Image.Resampling.LANCZOS))
    square = np.zeros((SIDE, SIDE, 4), np.uint8)
    top, left = ((SIDE - n) // 2 for n in small.shape[:2])
    square[top : top + small.shape[0], left : left + small.shape[1]] = small
    square[square[..., 3] == 0] = 0
    return square


def main(folder: Path) -> None:
    """Write the photographs, and print what the catalogue has to say of them.

    Raises:
        ValueError: If the sources are other files.
    """
    rng, source = np.random.default_rng(SEED), hashlib.sha256()
    parts: dict[str, list] = {"train": [], "test": []}
    for label, (place, names) in enumerate(KINDS.values()):
        paths = [folder / STAMPS / place / f"{name}.png" for name in names.split()]
        for path in paths:
            source.update(path.read_bytes())
        order = rng.permutation(len(paths))
        for part, rows in ("train", order[:TRAIN]), ("test", order[TRAIN:]):
            parts[part] += [(cutout(paths[row]), label) for row in np.sort(rows)]
    if source.hexdigest() != SOURCE:
        raise ValueError(f"expected sha256 {SOURCE}, received {source.hexdigest()}")
    arrays = {}
    for part, rows in parts.items():
        images, labels = zip(*rows, strict=True)
        arrays[f"x_{part}"] = np.stack(images)
        arrays[f"y_{part}"] = np.array(labels, np.uint8)
        print(part, arrays[f"x_{part}"].shape, np.bincount(labels))
    bundle.keep("cutouts", **arrays)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

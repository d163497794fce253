"""What the communities of the sample are about, and what its people are called."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Theme:
    """What a community is about.

    ``words`` make screen names; ``broader_topic`` is shared by several themes; ``language`` and ``country`` are those
    of most of its people, or None when it has no home.
    """

    topic: str
    words: tuple[str, str, str]
    broader_topic: str | None = None
    language: str | None = None
    country: str | None = None


THEMES = (
    Theme("football analysis", ("football", "tactics", "dribble"), "sports", "es", "ES"),
    Theme("web development", ("webdev", "frontend", "browser")),
    Theme("street photography", ("street", "lens", "shutter"), "visual arts"),
    Theme("jazz guitar", ("jazz", "fretboard", "archtop"), "music"),
    Theme("anime illustration", ("anime", "inking", "sketch"), "visual arts", "ja", "JP"),
    Theme("city cycling", ("cycling", "pedal", "velo"), None, "nl", "NL"),
    Theme("sourdough baking", ("sourdough", "crumb", "levain"), "food", "fr", "FR"),
    Theme("indie games", ("indiegame", "pixel", "roguelike")),
    Theme("samba percussion", ("samba", "pandeiro", "surdo"), "music", "pt", "BR"),
    Theme("data journalism", ("datadesk", "charts", "newsroom")),
    Theme("trail running", ("trail", "summit", "ultra"), "sports"),
    Theme("modular synths", ("modular", "patch", "voltage"), "music", "de", "DE"),
    Theme("cricket statistics", ("cricket", "wicket", "innings"), "sports", "hi", "IN"),
    Theme("wild birds", ("birds", "heron", "wader"), None, "en", "GB"),
    Theme("home espresso", ("espresso", "crema", "portafilter"), "food", "it", "IT"),
    Theme("urban gardening", ("balcony", "compost", "seedling")),
    Theme("chess endgames", ("chess", "endgame", "rook")),
    Theme("deep sky astronomy", ("nebula", "telescope", "darksky"), "science"),
    Theme("marine biology", ("marine", "plankton", "reef"), "science"),
    Theme("vintage maps", ("maps", "atlas", "meridian")),
    Theme("knitting patterns", ("knitting", "merino", "purl")),
    Theme("board games", ("boardgame", "meeple", "dice")),
    Theme("climate science", ("climate", "glacier", "albedo"), "science"),
    Theme("dance covers", ("dance", "choreo", "encore"), "music", "ko", "KR"),
)
BROADER_TOPICS = tuple(sorted({theme.broader_topic for theme in THEMES if theme.broader_topic}))

# Language, its most usual country, other countries, and the share of users outside any community with a home.
LANGUAGES = (
    ("en", "US", ("GB", "CA", "AU", "IN", "NG"), 52),
    ("es", "ES", ("MX", "AR", "CO"), 12),
    ("pt", "BR", ("PT",), 8),
    ("ja", "JP", (), 9),
    ("de", "DE", ("AT", "CH"), 5),
    ("fr", "FR", ("BE", "CA", "SN"), 5),
    ("nl", "NL", ("BE",), 3),
    ("it", "IT", ("CH",), 2),
    ("ko", "KR", (), 2),
    ("hi", "IN", (), 2),
)

_GIVEN_NAMES = """
ada aiko alba amir ana anders anouk arjun asha bea bruno carla chen chloe dana dario diego edda elif emil esra
eva farah felix femi finn gita goran greta hana hugo ida ines ivan jana jonas jun kai kofi lara lea leo lina
luca luz maja malik mara mateo mei mila milo nadia nico nils noor nora olga omar otto paula pilar priya quinn
rafa ravi remy rosa sami sara selma sina sofia tara tess theo uma vera wale yara yuki zane zoe
"""
_EVERYDAY_WORDS = """
acorn amber anchor april aspen attic basil beacon birch bluebell bramble breeze canyon cedar cinder clover cobalt
comet copper coral cricket delta dune ember fable falcon feather fern field fjord fox garnet ginger grove harbor
hazel heath honey indigo iris ivy jade juniper kestrel lagoon lantern laurel lemon lichen linen lotus maple
marble meadow mint mirror moss nettle north nutmeg oak ocean olive onyx opal orchard otter paper pebble pepper
pine plum poppy prairie quartz quill rain raven ridge river robin saffron sage sierra silver sparrow spruce
summer sunday thistle thyme tide timber topaz tulip valley velvet violet walnut willow winter wren zephyr
"""
GIVEN_NAMES = tuple(_GIVEN_NAMES.split())
EVERYDAY_WORDS = tuple(_EVERYDAY_WORDS.split())

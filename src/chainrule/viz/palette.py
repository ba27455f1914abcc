"""Colours, light and dark, after Okabe and Ito's palette that colour-blind readers can tell apart.

Nothing is told by colour alone: kinds of nodes differ in shape, values stand above the lines and
gradients below them.
"""

from __future__ import annotations

ROOT = "chainrule-graph"
THEMES = ("auto", "light", "dark")
FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif"

# What a class of elements gets: property, colour on white, colour on black.
COLOURS: dict[str, tuple[tuple[str, str, str], ...]] = {
    ".paper": (("fill", "#ffffff", "#14171c"),),
    ".frame": (("fill", "#7d93ad14", "#8fa9c814"), ("stroke", "#b7c2cf", "#475362")),
    "text": (("fill", "#1b1f24", "#e8ebef"),),
    ".line": (("stroke", "#7d8590", "#7d8794"),),
    ".tip": (("fill", "#7d8590", "#7d8794"),),
    ".operation .outline": (("fill", "#f6f7f9", "#232830"), ("stroke", "#3d444d", "#aab4c0")),
    ".input .outline": (("fill", "#dcedfa", "#0d3350"), ("stroke", "#0072b2", "#56b4e9")),
    ".parameter .outline": (("fill", "#fdf0d5", "#412f08"), ("stroke", "#c27c00", "#e69f00")),
    ".constant .outline": (("fill", "#eceef1", "#22262c"), ("stroke", "#c3c8cf", "#3b424b")),
    ".module .outline": (("fill", "#f6e6ef", "#3d2032"), ("stroke", "#a0527f", "#d68db3")),
    "text.path": (("fill", "#57606a", "#a3adb8"),),
    "text.shape": (("fill", "#69717b", "#949eaa"),),
    "text.value": (("fill", "#007a58", "#2fcf9f"),),
    "text.gradient": (("fill", "#c0330a", "#ff8a65"),),
    ".bars.value": (("fill", "#007a58", "#2fcf9f"),),
    ".bars.gradient": (("fill", "#c0330a", "#ff8a65"),),
}

FORMS = """\
{root} {{ font-family: {fonts}; font-variant-numeric: tabular-nums; }}
{root} text {{ text-anchor: middle; }}
{root} .line {{ fill: none; stroke-width: 1.5; }}
{root} .outline {{ stroke-width: 1.5; }}
{root} .frame {{ stroke-width: 1; }}
{root} .constant .outline {{ stroke-width: 1; }}
{root} .output .outline {{ stroke-width: 2.5; }}
{root} .symbol {{ font-size: 15px; }}
{root} .name {{ font-size: 13px; font-weight: 600; }}
{root} .tag {{ font-size: 12px; }}
{root} .path {{ font-size: 10.5px; }}
{root} .shape, {root} .note {{ font-size: 11px; }}
{root} .title {{ font-size: 12px; text-anchor: start; }}
{root} .title tspan {{ font-weight: 600; }}
{root} .note {{ text-anchor: start; }}
{root} .value, {root} .gradient {{ font-size: 12px; font-weight: 500; }}
"""


def stylesheet(theme: str = "auto") -> str:
    """Return the CSS of a drawing; every rule is confined to drawings.

    The theme "auto" is as light or dark as the page that shows the drawing is asked to be.

    >>> ["prefers-color-scheme: dark" in stylesheet(theme) for theme in ("auto", "light", "dark")]
    [True, False, False]
    """
    root = f".{ROOT}"
    light = [_rule(root, selector, 1) for selector in COLOURS]
    dark = [_rule(root, selector, 2) for selector in COLOURS]
    forms = FORMS.format(root=root, fonts=FONTS)
    if theme != "auto":
        return f"{forms}{''.join(light if theme == 'light' else dark)}"
    return f"{forms}{''.join(light)}@media (prefers-color-scheme: dark) {{\n{''.join(dark)}}}\n"


def _rule(root: str, selector: str, column: int) -> str:
    declarations = "; ".join(f"{entry[0]}: {entry[column]}" for entry in COLOURS[selector])
    return f"{root} {selector} {{ {declarations}; }}\n"

"""The style of a report: light and dark, for wide screens and for phones."""

STYLE = """\
:root { --paper: #ffffff; --card: #f6f8fa; --ink: #1b1f24; --soft: #57606a; --rule: #d5dae1;
  --c0: #0072b2; --c1: #c05a00; --c2: #00795a; --c3: #a0527f; --c4: #8a6d00; --c5: #3c7fb1;
  --c6: #555d66; --c7: #7a4fb5; --good: #00795a; --bad: #b3261e; }
@media (prefers-color-scheme: dark) {
:root { --paper: #14171c; --card: #1b2027; --ink: #e8ebef; --soft: #a3adb8; --rule: #343b45;
  --c0: #56b4e9; --c1: #ff9e57; --c2: #2fcf9f; --c3: #d68db3; --c4: #f0e442; --c5: #8ecbf0;
  --c6: #b5bdc7; --c7: #b79cf0; --good: #2fcf9f; --bad: #ff8a80; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui,
  -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif; }
main { max-width: 1280px; margin: 0 auto; padding: 20px 20px 60px; }
h1 { font-size: 26px; margin: 8px 0 2px; overflow-wrap: anywhere; }
h2 { font-size: 19px; margin: 40px 0 12px; }
p { margin: 6px 0; max-width: 75ch; overflow-wrap: anywhere; }
.soft { color: var(--soft); }
.good { color: var(--good); } .bad { color: var(--bad); }
nav { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 14px 0; }
a { color: var(--c0); }
.tiles, .cards { display: grid; gap: 14px; }
.tiles { grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); margin-top: 16px; }
.cards { grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); }
.tile, figure, .scroll { background: var(--card); border: 1px solid var(--rule);
  border-radius: 10px; }
.tile { padding: 10px 14px; } .tile b { display: block; font-size: 21px; font-weight: 600; }
.tile span { color: var(--soft); font-size: 13px; }
figure { margin: 0; padding: 12px; min-width: 0; max-width: 640px; }
figcaption { font-weight: 600; margin-bottom: 6px; }
figure ul { list-style: none; display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 6px 0 0;
  padding: 0; font-size: 13px; color: var(--soft); overflow-wrap: anywhere; }
.chart { display: block; width: 100%; height: auto; }
.chart text { font-size: 12px; fill: var(--soft); font-variant-numeric: tabular-nums; }
.chart .grid { stroke: var(--rule); stroke-width: 1; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.dots circle { stroke: none; }
.cell { stroke: none; }
.c0 { stroke: var(--c0); } .c1 { stroke: var(--c1); } .c2 { stroke: var(--c2); }
.c3 { stroke: var(--c3); } .c4 { stroke: var(--c4); } .c5 { stroke: var(--c5); }
.c6 { stroke: var(--c6); } .c7 { stroke: var(--c7); }
.dots.c0 { fill: var(--c0); } .dots.c1 { fill: var(--c1); } .dots.c2 { fill: var(--c2); }
.dots.c3 { fill: var(--c3); } .dots.c4 { fill: var(--c4); } .dots.c5 { fill: var(--c5); }
.dots.c6 { fill: var(--c6); } .dots.c7 { fill: var(--c7); }
.scroll { overflow: auto; max-width: 100%; padding: 10px; }
.scroll > svg { display: block; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 14px; }
th, td { padding: 4px 10px; text-align: right; border-bottom: 1px solid var(--rule);
  white-space: nowrap; }
th { color: var(--soft); font-weight: 600; }
th[scope=row], td.text { text-align: left; vertical-align: top; }
td.text { white-space: normal; overflow-wrap: anywhere; min-width: 9em; }
.matrix td, .matrix th { padding: 3px 7px; border: 1px solid var(--paper); text-align: center; }
.matrix th { max-width: 9em; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.matrix td { min-width: 2.6em; }
.samples { display: grid; grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); gap: 12px; }
.samples div { font-size: 13px; line-height: 1.35; overflow-wrap: anywhere; }
.samples img { display: block; width: 100%; aspect-ratio: 1; object-fit: contain;
  image-rendering: pixelated; background: #808080; border-radius: 6px; margin-bottom: 4px; }
pre { margin: 0; font-size: 13px; line-height: 1.45; }
@media (max-width: 600px) { main { padding: 12px 12px 40px; } h1 { font-size: 22px; } }
@media print { figure, .tile { break-inside: avoid; } }
"""

"""Draws docs/suggest.svg: `ask_tell_bench --csv | python3 bench/ask_tell_figure.py > docs/suggest.svg`."""
import csv
import math
import sys

METHODS = [("suggest", "etalon suggest", "#0b6e99"), ("grid", "grid, best measured", "#c05621"),
           ("random", "random, best measured", "#718096")]
WIDTH, HEIGHT, LEFT, TOP, PANEL_WIDTH, PANEL_HEIGHT = 860, 360, 70, 50, 340, 240
LOW, HIGH = math.log10(3e-4), math.log10(0.5)


def y_of(regret):
    share = (math.log10(regret) - LOW) / (HIGH - LOW)
    return TOP + PANEL_HEIGHT * (1 - min(max(share, 0), 1))


def panel(rows, left, title, label_axis):
    most = max(int(row["runs"]) for row in rows)
    x_of = lambda runs: left + PANEL_WIDTH * int(runs) / most
    yield f'<text x="{left}" y="{TOP - 16}" font-weight="600">{title}</text>'
    for tick in (0.001, 0.003, 0.01, 0.03, 0.1, 0.3):
        y = y_of(tick)
        yield f'<line x1="{left}" x2="{left + PANEL_WIDTH}" y1="{y:.1f}" y2="{y:.1f}" stroke="#e2e8f0"/>'
        if label_axis:
            yield f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end" fill="#4a5568">{tick}</text>'
    for row in rows[1::2] if len(rows) > 12 else rows:
        yield (f'<text x="{x_of(row["runs"]):.1f}" y="{TOP + PANEL_HEIGHT + 18}" '
               f'text-anchor="middle" fill="#4a5568">{row["runs"]}</text>')
    for key, _, color in METHODS:
        points = " ".join(f'{x_of(row["runs"]):.1f},{y_of(float(row[key])):.1f}' for row in rows)
        yield f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2.5"/>'
        for point in points.split():
            x, y = point.split(",")
            yield f'<circle cx="{x}" cy="{y}" r="3" fill="{color}"/>'


def main():
    rows = list(csv.DictReader(sys.stdin))
    one = [row for row in rows if row["batch_sizes"] == "1"]
    four = [row for row in rows if row["batch_sizes"] == "4"]
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
           f'font-family="system-ui, sans-serif" font-size="13">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
           f'<text transform="translate(18 {TOP + PANEL_HEIGHT / 2}) rotate(-90)" '
           f'text-anchor="middle" fill="#4a5568">mean regret</text>']
    out += panel(one, LEFT, "one batch size, from a guess up to 3 octaves off", True)
    out += panel(four, LEFT + PANEL_WIDTH + 60, "four batch sizes, 64 to 4096", False)
    for left in (LEFT, LEFT + PANEL_WIDTH + 60):
        out.append(f'<text x="{left + PANEL_WIDTH / 2}" y="{TOP + PANEL_HEIGHT + 38}" '
                   f'text-anchor="middle" fill="#4a5568">runs</text>')
    for i, (_, name, color) in enumerate(METHODS):
        x = LEFT + 200 * i
        out.append(f'<rect x="{x}" y="{HEIGHT - 18}" width="22" height="4" fill="{color}"/>'
                   f'<text x="{x + 28}" y="{HEIGHT - 11}">{name}</text>')
    print("\n".join(out + ["</svg>"]))


main()

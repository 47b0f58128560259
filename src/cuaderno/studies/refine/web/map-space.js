/** Where things are on the map: pure numbers, no page. A view is {zoom, x, y}: (x, y) lies in the middle of the sheet. */

export const WHOLE = { zoom: 1, x: 0, y: 0 };
export const CLOSEST = 40;
const EDGE = 18; // pixels around a map that is shown whole

/** Pixels of one unit. @param {{width: number, height: number}} sheet */
export function unit(sheet, view) {
  return (Math.min(sheet.width, sheet.height) / 2 - EDGE) * view.zoom;
}

/** From the map's −1 … 1, y upwards, to pixels from the upper left corner. */
export function place(sheet, view, [x, y]) {
  const u = unit(sheet, view);
  return [sheet.width / 2 + (x - view.x) * u, sheet.height / 2 - (y - view.y) * u];
}

/** The view after zooming by a factor, with what is under the pixel (px, py) staying there. */
export function zoomed(sheet, view, factor, px = sheet.width / 2, py = sheet.height / 2) {
  const zoom = Math.min(CLOSEST, Math.max(1, view.zoom * factor));
  const before = unit(sheet, view), after = unit(sheet, { zoom });
  const dx = px - sheet.width / 2, dy = sheet.height / 2 - py;
  return held({ zoom, x: view.x + dx / before - dx / after, y: view.y + dy / before - dy / after });
}

/** The view after its content was dragged by so many pixels. */
export function moved(sheet, view, dx, dy) {
  const u = unit(sheet, view);
  return held({ zoom: view.zoom, x: view.x - dx / u, y: view.y + dy / u });
}

/** Never away from the map; whole, it lies in the middle. */
function held({ zoom, x, y }) {
  const most = 1 - 1 / zoom, inside = (v) => Math.min(most, Math.max(-most, v));
  return { zoom, x: inside(x) + 0, y: inside(y) + 0 };
}

/** The number of the dot that is nearest to a pixel and not farther than `most` pixels, else −1. */
export function dotAt(sheet, view, places, px, py, most) {
  let best = -1, least = most * most;
  places.forEach((one, i) => {
    const [x, y] = place(sheet, view, one), far = (x - px) ** 2 + (y - py) ** 2;
    if (far < least) [best, least] = [i, far];
  });
  return best;
}

const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** The nearest dot in the direction of an arrow key: what lies aside counts as farther. −1 when there is none. */
export function dotBeside(places, from, key) {
  const [wx, wy] = WAYS[key], [x, y] = places[from];
  let best = -1, least = Infinity;
  places.forEach(([ox, oy], i) => {
    const along = (ox - x) * wx + (oy - y) * wy, aside = Math.abs((ox - x) * wy) + Math.abs((oy - y) * wx);
    const far = along + 2.5 * aside;
    if (along > 1e-9 && far < least) [best, least] = [i, far];
  });
  return best;
}

/** The points whose text has all of the words, whatever their accents and capitals. */
export function search(points, words) {
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const wanted = plain(words).split(/\s+/).filter(Boolean);
  return points.map((_, i) => i).filter((i) => {
    const text = plain(points[i].text);
    return wanted.every((word) => text.includes(word));
  });
}

// Where the lines of the parallel coordinates run, and which of them is at a point.
const NEAR = 6; // px from a line to the pointer that is at it

/** Tokens are points on their axis: lines are spread around them, each always at the same place. */
const aside = (place) => (((place * 0.618034) % 1) - 0.5) * 0.55;

/** How far down the axis of a column the line of a rule crosses it, in px. */
export function yOf({ axis, scale }, place) {
  return scale.y(axis.value(place) + (axis.names ? aside(place) : 0));
}

/** The rule whose line is nearest to (x, y), at most NEAR px away; null: none is. */
export function nearestLine(columns, places, x, y) {
  const right = columns.findIndex((column) => column.x > x);
  if (right < 1) return null;
  const [a, b] = [columns[right - 1], columns[right]];
  const share = (x - a.x) / (b.x - a.x);
  let [nearest, distance] = [null, NEAR];
  for (const place of places) {
    const away = Math.abs((1 - share) * yOf(a, place) + share * yOf(b, place) - y);
    if (away < distance) [nearest, distance] = [place, away];
  }
  return nearest;
}

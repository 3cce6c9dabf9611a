// The tab's icon: a ring that closes as candidates are done, in the colour of the search's status.
const COLOURS = { running: "#2a55c9", finished: "#17693a", paused: "#b37400", stopped: "#6b7686", failed: "#b02323" };
const MARKS = {
  finished: '<path d="M10.5 16.5l4 4 7.5-9" fill="none" stroke="#fff" stroke-width="3.2" stroke-linecap="round" stroke-linejoin="round"/>',
  failed: '<path d="M11 11l10 10M21 11L11 21" stroke="#fff" stroke-width="3.2" stroke-linecap="round"/>',
  paused: '<path d="M12.5 11v10M19.5 11v10" stroke="#fff" stroke-width="3.6" stroke-linecap="round"/>',
  stopped: '<rect x="11" y="11" width="10" height="10" rx="1.5" fill="#fff"/>',
};
const RADIUS = 12;
const ROUND = 2 * Math.PI * RADIUS;

function ring(share) {
  const done = (ROUND * share).toFixed(1);
  const circle = `<circle cx="16" cy="16" r="${RADIUS}" fill="none" stroke-width="6"`;
  return `${circle} stroke="#b9c3d6"/>${circle} stroke="${COLOURS.running}" stroke-dasharray="${done} ${ROUND.toFixed(1)}" transform="rotate(-90 16 16)"/>`;
}

function picture({ status, done, budget }) {
  const mark = MARKS[status];
  const body = mark ? `<circle cx="16" cy="16" r="15" fill="${COLOURS[status]}"/>${mark}` : ring(budget ? done / budget : 0);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">${body}</svg>`;
}

export function showProgressIcon(state) {
  const icon = document.querySelector('link[rel="icon"]');
  icon.href = `data:image/svg+xml,${encodeURIComponent(picture(state))}`;
}

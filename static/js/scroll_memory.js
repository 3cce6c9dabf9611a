// Boxes that scroll inside the page come back where they were after a reload; the page itself the browser remembers.
const BOXES = ".leaderboard-box, .best-log, .rules__table, .tiles, .wide-box";

const boxes = () => [...document.querySelectorAll(BOXES)];

export function rememberScroll() {
  const kept = window.history.state?.scroll ?? [];
  boxes().forEach((box, place) => [box.scrollTop, box.scrollLeft] = kept[place] ?? [0, 0]);
  window.addEventListener("pagehide", () => {
    const scroll = boxes().map((box) => [box.scrollTop, box.scrollLeft]);
    window.history.replaceState({ ...window.history.state, scroll }, "");
  });
}

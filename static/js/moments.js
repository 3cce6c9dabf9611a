// Moments in the reader's own zone and words: <time data-moment> shows them, the title keeps the one in UTC.
const format = new Intl.DateTimeFormat([], { dateStyle: "medium", timeStyle: "short" });

/** For parts that came later than the page. */
export function showMoments(root) {
  for (const element of root.querySelectorAll("time[data-moment]:not([title])")) {
    element.title = element.textContent;
    element.textContent = format.format(new Date(element.dateTime));
  }
}

showMoments(document);

// Moments in the reader's own zone and words: <time data-moment> shows them, the title keeps the one in UTC.
const format = new Intl.DateTimeFormat([], { dateStyle: "medium", timeStyle: "short" });

for (const element of document.querySelectorAll("time[data-moment]")) {
  element.title = element.textContent;
  element.textContent = format.format(new Date(element.dateTime));
}

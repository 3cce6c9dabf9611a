// Beside the live page: an icon that tells progress, and a notification at the end for those who asked for it.
import { watch } from "./live_watch.js";
import { Notifier } from "./notifier.js";
import { showProgressIcon } from "./progress_icon.js";

const notifier = new Notifier(document.querySelector("[data-notify]"));
watch((state, before) => {
  showProgressIcon(state);
  notifier.follow(state, before);
});

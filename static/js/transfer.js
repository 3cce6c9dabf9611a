// The form of a transfer: follows choices.
import { followChoices } from "./choices.js";

const form = document.querySelector("[data-transfer]");
followChoices(form, "to", JSON.parse(document.getElementById("transfer-data").textContent).presets);

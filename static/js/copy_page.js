// Pages whose only script is their copy buttons.
import { startCopyButtons } from "./copy.js";

startCopyButtons();

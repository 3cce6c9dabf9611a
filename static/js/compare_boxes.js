// The list's boxes: how many are ticked, and no more than can be compared. Without this script the button works too.
const form = document.querySelector("[data-compare]");
const most = Number(form.dataset.most);
const boxes = [...document.querySelectorAll(`input[name="ids"][form="${form.id}"]`)];
const button = form.querySelector("button");

function show() {
  const ticked = boxes.filter((box) => box.checked).length;
  form.querySelector("[data-compare-count]").textContent = ticked ? ` ${ticked}` : "";
  button.disabled = ticked < 2;
  for (const box of boxes) box.disabled = !box.checked && ticked >= most;
}

document.addEventListener("change", ({ target }) => boxes.includes(target) && show());
window.addEventListener("pageshow", show); // a browser that goes back has kept the ticks
show();

"use strict";
(() => {
  const map = document.getElementById("map");
  const words = document.getElementById("words");
  const parts = [...words.children];
  const view = { x: 0, y: 0, size: 1000 };
  const show = () => {
    map.setAttribute("viewBox", [view.x, view.y, view.size, view.size].join(" "));
    words.setAttribute("font-size", (14 * view.size) / 1000);
    for (const circle of words.querySelectorAll("circle")) circle.setAttribute("r", (3 * view.size) / 1000);
  };
  const place = (event) => {
    const box = map.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  };
  map.addEventListener("wheel", (event) => {
    event.preventDefault();
    const [x, y] = place(event);
    const size = Math.min(1000, Math.max(10, view.size * (event.deltaY < 0 ? 0.8 : 1.25)));
    view.x += x * (view.size - size);
    view.y += y * (view.size - size);
    view.size = size;
    show();
  }, { passive: false });
  let held = null;
  map.addEventListener("pointerdown", (event) => { held = place(event); map.setPointerCapture(event.pointerId); });
  map.addEventListener("pointerup", () => { held = null; });
  map.addEventListener("pointermove", (event) => {
    if (!held) return;
    const [x, y] = place(event);
    view.x -= (x - held[0]) * view.size;
    view.y -= (y - held[1]) * view.size;
    held = [x, y];
    show();
  });
  document.getElementById("whole").addEventListener("click", () => {
    Object.assign(view, { x: 0, y: 0, size: 1000 });
    show();
  });
  document.getElementById("find").addEventListener("input", (event) => {
    const sought = event.target.value.normalize("NFC").trim();
    for (const part of parts) {
      part.classList.toggle("found", sought !== "" && part.lastElementChild.textContent.includes(sought));
    }
    map.classList.toggle("seeking", sought !== "");
  });
})();

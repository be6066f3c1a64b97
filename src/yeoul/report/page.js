"use strict";
(() => {
  const root = document.documentElement;
  const bar = document.getElementById("languages");
  const buttons = [...bar.querySelectorAll("button")];
  const choose = (language) => {
    root.lang = language;
    root.className = "show-" + language;
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(button.lang === language));
    }
  };
  for (const button of buttons) {
    button.addEventListener("click", () => choose(button.lang));
  }
  choose(root.lang);
  bar.hidden = false;
  addEventListener("beforeprint", () => {
    for (const part of document.querySelectorAll("details")) part.open = true;
  });
})();

/* What htmx leaves out: says when the server is away, keeps folds open, and reads counters aloud now and then. */
"use strict";
(() => {
  const FAILURES = 2; // polls in a row after which the server is away
  const SPOKEN_SECONDS = 20;
  let failures = 0, since = null, spokenAt = 0;

  const clock = (moment) => moment.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

  function failed() {
    since = since || new Date();
    failures += 1;
    if (failures < FAILURES || document.querySelector(".away")) return;
    const bar = document.createElement("p");
    bar.className = "away";
    bar.setAttribute("role", "alert");
    bar.textContent = `No connection since ${clock(since)}. What you see is of then; it goes on by itself.`;
    document.querySelector("main").prepend(bar);
    document.body.classList.add("is-away");
  }

  function answered() {
    failures = 0;
    since = null;
    document.querySelector(".away")?.remove();
    document.body.classList.remove("is-away");
  }

  function speak() {
    const target = document.getElementById("spoken"), source = document.querySelector("[data-spoken]");
    if (!target || !source || Date.now() - spokenAt < SPOKEN_SECONDS * 1000) return;
    const text = source.textContent.replace(/\s+/g, " ").trim();
    if (text !== target.textContent) {
      target.textContent = text;
      spokenAt = Date.now();
    }
  }

  const open = new Set();
  document.addEventListener("htmx:sendError", failed);
  document.addEventListener("htmx:timeout", failed);
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status >= 500) failed();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    open.clear();
    event.detail.target.querySelectorAll("details[id][open]").forEach((fold) => open.add(fold.id));
  });
  document.addEventListener("htmx:afterSwap", () => {
    answered();
    open.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
    speak();
  });
})();

/* Times in the zone of the reader. The server writes UTC and says so; the title of a time keeps it. */
"use strict";
(() => {
  const two = (number) => String(number).padStart(2, "0");
  const FORMS = {
    second: (at) => `${FORMS.day(at)} ${FORMS.minute(at)}:${two(at.getSeconds())}`,
    minute: (at) => `${two(at.getHours())}:${two(at.getMinutes())}`,
    day: (at) => `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`,
  };

  function show(root) {
    root.querySelectorAll("time[data-local]").forEach((time) => {
      const at = new Date(time.dateTime);
      if (!Number.isNaN(at.getTime())) time.textContent = FORMS[time.dataset.local](at);
      time.removeAttribute("data-local");
    });
    root.querySelectorAll("[data-utc]").forEach((word) => word.remove());
  }

  show(document);
  document.addEventListener("htmx:afterSwap", () => show(document));
})();

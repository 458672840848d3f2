// In the form of a new seed: chooses the time zone of the browser where UTC was chosen for lack of another.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const box = document.querySelector("select#id_time_zone");
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (box && box.value === "UTC" && [...box.options].some((option) => option.value === zone)) {
    box.value = zone;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  }
});

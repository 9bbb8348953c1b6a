// Small conveniences. Every page works without them.

// A warning when kept dates are about to be released, and a fresh page when they are.
function watchHold() {
  const box = document.querySelector("#countdown[data-until]");
  if (!box) return;
  const until = new Date(box.dataset.until).getTime();
  const left = box.querySelector("[data-left]");
  const tick = () => {
    const seconds = Math.round((until - Date.now()) / 1000);
    if (seconds <= 0) {
      window.location.reload();
      return;
    }
    if (left) left.textContent = `(${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s)`;
    box.classList.toggle("is-ending", seconds <= 120);
    window.setTimeout(tick, 1000);
  };
  tick();
}

// A form is sent once: a second click finds the button asleep. It wakes when the page comes back from history.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  if (form.method === "post" && !form.hasAttribute("data-hx-post")) form.dataset.sent = "1";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

document.addEventListener("DOMContentLoaded", watchHold);
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "countdown") watchHold();
});

// After an error the summary is read first.
document.addEventListener("DOMContentLoaded", () => document.querySelector("#error-summary")?.focus());

// Other dates than those asked for: that is read first, wherever the address pointed.
function readWhatChanged() {
  document.querySelector("#course > .alert")?.focus();
}
window.addEventListener("load", readWhatChanged);
document.addEventListener("htmx:afterSettle", readWhatChanged);

// Logged out meanwhile: the log-in takes the whole page, not a line of a table.
document.addEventListener("htmx:beforeSwap", (event) => {
  const url = event.detail.xhr.responseURL;
  if (!url || !new URL(url).pathname.startsWith("/account/")) return;
  event.detail.shouldSwap = false;
  window.location.reload();
});

// A part of the page was refused: say what its own page would have said, above what has been entered.
document.addEventListener("htmx:responseError", (event) => {
  const page = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
  const said = page.querySelector(".error-page");
  if (!said) return;
  document.querySelector("#main > .error-page")?.remove();
  said.tabIndex = -1;
  document.querySelector("#main").prepend(said);
  said.focus();
});

// An answer taken back takes its details with it, before anything else hears of the change.
document.addEventListener(
  "change",
  (event) => {
    if (!event.target.matches(".safety-line > .form-check-input:not(:checked)")) return;
    for (const field of event.target.parentElement.querySelectorAll(".safety-more input")) {
      if (field.type === "checkbox") field.checked = false;
      else field.value = "";
    }
  },
  true,
);

// Refreshes the parts of a page marked data-live, asks before forms marked data-confirm, and sends selects marked data-submit.
(() => {
  "use strict";
  const interval = 3000;

  async function refresh() {
    if (document.hidden || !document.querySelector("[data-live]")) return;
    const response = await fetch(location.href, { headers: { "X-Refresh": "1" } });
    if (!response.ok || response.redirected) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const part of document.querySelectorAll("[data-live]")) {
      const fresh = page.getElementById(part.id);
      // What the reader is about to press must not be replaced under the finger.
      if (fresh && !part.contains(document.activeElement) && fresh.innerHTML !== part.innerHTML) part.innerHTML = fresh.innerHTML;
    }
  }

  setInterval(() => refresh().catch(() => { /* the server is away; the next round tries again */ }), interval);
  document.addEventListener("submit", event => {
    const question = event.target.dataset.confirm;
    if (question && !confirm(question)) event.preventDefault();
  });
  document.addEventListener("change", event => {
    if (event.target.matches("[data-submit]")) event.target.form.submit();
  });
})();

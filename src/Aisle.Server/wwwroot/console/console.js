// Refreshes the parts of a page marked data-live, asks before forms marked data-confirm, and sends selects marked data-submit.
(() => {
  "use strict";
  const interval = 3000;
  // What the server sent last for each part: a part that it sends unchanged keeps what the reader opened in it.
  const sent = new Map([...document.querySelectorAll("[data-live]")].map(part => [part.id, part.innerHTML]));

  async function refresh() {
    if (document.hidden || !document.querySelector("[data-live]")) return;
    const response = await fetch(location.href, { headers: { "X-Refresh": "1" } });
    if (!response.ok || response.redirected) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const part of document.querySelectorAll("[data-live]")) {
      const fresh = page.getElementById(part.id);
      if (!fresh || fresh.innerHTML === sent.get(part.id)) continue;
      // What the reader is about to press must not be replaced under the finger.
      if (part.contains(document.activeElement)) continue;
      part.innerHTML = fresh.innerHTML;
      sent.set(part.id, fresh.innerHTML);
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

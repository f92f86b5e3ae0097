// Tells Aisle what the shopper does, and shows at once what that changes. Without it the shop works all the same, only without memory.
(() => {
  "use strict";
  const meta = name => document.querySelector(`meta[name="aisle-${name}"]`)?.content ?? "";
  const user = meta("user"), key = meta("key");
  // Shoppers' clocks are wrong; the server's time came with the page.
  const ahead = (Number(meta("time")) || Date.now()) - Date.now();
  const endpoint = "/api/v1/events/batch";
  const randomId = () => [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, "0")).join("");

  // Storage may be forbidden; what is kept there is a convenience only.
  const stored = (storage, name) => { try { return JSON.parse(storage.getItem(name)); } catch { return null; } };
  const store = (storage, name, value) => { try { storage.setItem(name, JSON.stringify(value)); } catch { /* kept in memory only */ } };

  // ---- Sending. Events wait in the session's storage until the server has them for certain: each has an id, so that a retry does no harm.
  const maxBatch = 50, maxWaiting = 500, idleMs = 30 * 60 * 1000;
  let queue = stored(sessionStorage, "aisle-queue") ?? [];
  let sending = false, timer = 0, delay = 0;

  function session() {
    let current = stored(sessionStorage, "aisle-session");
    if (!current || Date.now() - current.at > idleMs) current = { id: randomId() };
    store(sessionStorage, "aisle-session", { id: current.id, at: Date.now() });
    return current.id;
  }

  function track(event) {
    if (!user || !key) return;
    queue.push({ id: randomId(), user, time: Date.now() + ahead, session: session(), ...event });
    queue = queue.slice(-maxWaiting);
    store(sessionStorage, "aisle-queue", queue);
    schedule(event.type === "impression" ? 1500 : 0);
  }

  function schedule(after) {
    if (timer && after > 0) return;
    clearTimeout(timer);
    timer = setTimeout(flush, after);
  }

  async function flush() {
    clearTimeout(timer);
    timer = 0;
    if (sending || queue.length === 0) return;
    sending = true;
    const batch = queue.slice(0, maxBatch);
    let outcome;
    try {
      const response = await fetch(endpoint, {
        method: "POST",
        keepalive: true,
        headers: { "Content-Type": "application/json", Authorization: `Bearer ${key}` },
        body: JSON.stringify(batch),
      });
      outcome = response.ok ? "stored" : response.status === 429 || response.status >= 500 ? "later" : "refused";
    } catch {
      outcome = "later";
    }
    sending = false;
    if (outcome === "later") {
      delay = Math.min(delay ? delay * 2 : 1000, 60000);
      schedule(delay);
      return;
    }
    delay = 0;
    // One event that the server does not take must not hold up those behind it; the server takes a batch whole or not at all.
    if (outcome === "refused" && batch.length > 1) await Promise.all(batch.map(sendAlone));
    queue = queue.filter(event => !batch.includes(event));
    store(sessionStorage, "aisle-queue", queue);
    if (outcome === "stored" && batch.some(event => event.type !== "impression")) changed();
    if (queue.length > 0) schedule(0);
  }

  const sendAlone = event => fetch(endpoint, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${key}` },
    body: JSON.stringify([event]),
  }).catch(() => { /* given up: it was refused before */ });

  addEventListener("pagehide", flush);
  document.addEventListener("visibilitychange", () => { if (document.hidden) flush(); });
  window.aisle = { track };

  // ---- Freshness. Rows with data-fresh are fetched anew when the server knows something new, in this tab or another.
  const tabs = "BroadcastChannel" in window ? new BroadcastChannel("aisle") : null;
  let refreshing = null;

  function changed() {
    tabs?.postMessage(user);
    refresh();
  }

  tabs?.addEventListener("message", message => { if (message.data === user) refresh(); });
  addEventListener("pageshow", event => { if (event.persisted) refresh(); });

  function refresh() {
    refreshing ??= Promise.all([...document.querySelectorAll("[data-fresh]")].map(refreshRow)).finally(() => { refreshing = null; });
  }

  async function refreshRow(row) {
    try {
      const response = await fetch(row.dataset.fresh);
      if (!response.ok) return;
      const fresh = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("[data-fresh]");
      const items = part => [...part.querySelectorAll("[data-item]")].map(link => link.dataset.item).join("\n");
      // What the shopper is about to press must not move away under the finger.
      if (!fresh || items(fresh) === items(row) || row.matches(":hover, :focus-within")) return;
      row.replaceWith(fresh);
      fresh.classList.add("refreshed");
      prepare(fresh);
    } catch {
      // The row that stands there is still good.
    }
  }

  // ---- Impressions: a product counts as seen when half of it was visible for a second.
  const seen = new Set(), visible = new Map();
  const watcher = new IntersectionObserver(entries => {
    for (const { target, isIntersecting } of entries) {
      clearTimeout(visible.get(target));
      if (isIntersecting) visible.set(target, setTimeout(() => impress(target), 1000));
    }
  }, { threshold: 0.5 });

  function place(link) {
    const row = link.closest("[data-placement]");
    return row ? { placement: row.dataset.placement, recommendation_id: row.dataset.recommendation || undefined } : {};
  }

  function impress(link) {
    watcher.unobserve(link);
    const where = place(link);
    const mark = `${where.recommendation_id} ${link.dataset.item}`;
    if (seen.has(mark)) return;
    seen.add(mark);
    track({ type: "impression", item: link.dataset.item, ...where });
  }

  function prepare(part) {
    for (const link of part.querySelectorAll("[data-item]")) watcher.observe(link);
    for (const arrows of part.querySelectorAll(".shelf-arrows")) {
      const row = arrows.closest(".shelf").querySelector(".shelf-row");
      arrows.hidden = row.scrollWidth <= row.clientWidth + 20;
    }
  }

  // ---- What the shopper does.
  document.addEventListener("click", event => {
    const link = event.target.closest("a[data-item]");
    if (link) {
      const where = place(link);
      track({ type: "click", item: link.dataset.item, ...where });
      // The view on the next page belongs to the row that led there.
      store(sessionStorage, "aisle-from", { item: link.dataset.item, ...where });
      return;
    }
    const arrow = event.target.closest("[data-scroll]");
    if (arrow) {
      const row = arrow.closest(".shelf").querySelector(".shelf-row");
      row.scrollBy({ left: arrow.dataset.scroll * row.clientWidth * 0.9, behavior: "smooth" });
      return;
    }
    const menu = document.getElementById("shopper-menu");
    if (menu?.open && !menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", event => {
    const menu = document.getElementById("shopper-menu");
    if (event.key === "Escape" && menu?.open) { menu.open = false; menu.querySelector("summary").focus(); }
  });
  document.addEventListener("change", event => {
    if (event.target.matches("[data-submit]") && event.target.reportValidity()) event.target.form.requestSubmit();
  });

  // ---- Into the cart without leaving the page. The server stores the event: it knows shopper and price better than a script.
  document.addEventListener("submit", async event => {
    const form = event.target, button = event.submitter;
    const address = new URL(button?.getAttribute("formaction") ?? form.getAttribute("action") ?? "", location.href);
    if (address.pathname !== "/cart/items") return;
    event.preventDefault();
    const body = new FormData(form, button);
    const from = stored(sessionStorage, "aisle-from");
    if (from?.item === body.get("item") && from.placement && !address.searchParams.has("placement")) {
      body.set("placement", from.placement);
      if (from.recommendation_id) body.set("recommendation", from.recommendation_id);
    }
    try {
      const response = await fetch(address, { method: "POST", body: new URLSearchParams(body), headers: { "X-Aisle": "1" } });
      if (!response.ok) throw new Error(String(response.status));
      const count = document.getElementById("cart-count");
      count.textContent = (await response.json()).pieces;
      count.hidden = false;
      toast("added");
      if (location.pathname === "/cart") location.reload();
      else changed();
    } catch {
      toast("refused");
    }
  });

  let toasting = 0;
  function toast(what) {
    const box = document.getElementById("toast");
    const link = Object.assign(document.createElement("a"), { href: "/cart", textContent: box.dataset.open });
    box.replaceChildren(document.createTextNode(box.dataset[what]), ...(what === "added" ? [link] : []));
    box.classList.add("shown");
    clearTimeout(toasting);
    toasting = setTimeout(() => box.classList.remove("shown"), 4000);
  }

  // ---- This page.
  for (const button of document.querySelectorAll("[data-enhanced]")) button.hidden = true;
  const product = document.querySelector("[data-view]");
  if (product) {
    const from = stored(sessionStorage, "aisle-from");
    const origin = from?.item === product.dataset.view ? { placement: from.placement, recommendation_id: from.recommendation_id } : {};
    track({ type: "view", item: product.dataset.view, price: product.dataset.price ? Number(product.dataset.price) : undefined, ...origin });
  }
  const search = document.querySelector("[data-search]");
  if (search) track({ type: "search", text: search.dataset.search });
  prepare(document);
  if (queue.length > 0) schedule(0);
})();

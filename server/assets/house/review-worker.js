"use strict";

// Put before this: FILES, VERSION, API, STORE.
importScripts(STORE);

addEventListener("install", (event) => {
  event.waitUntil(caches.open(VERSION).then((cache) => cache.addAll(FILES)).then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  const old = async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("review-") && name !== VERSION) await caches.delete(name);
    }
    await clients.claim();
  };
  event.waitUntil(old());
});

// The page as the server has it now, or else as it was when all that it loads was kept: one without the other
// is of no use.
const page = (request) => fetch(request).catch(() => caches.match(FILES[0], { cacheName: VERSION }));

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname === FILES[0]) event.respondWith(page(request));
  else if (FILES.includes(url.pathname + url.search)) {
    event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
  }
});

addEventListener("sync", (event) => {
  if (event.tag !== "reviews") return;
  const sending = async () => {
    await reviewStore.sync(API);
    for (const client of await clients.matchAll()) client.postMessage("sent");
  };
  event.waitUntil(sending());
});

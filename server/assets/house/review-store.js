"use strict";

// What the review page keeps on the device: the cards that wait, the answers that are on their way, and whose
// they are. Page and service worker share it.
self.reviewStore = (() => {
  const AT_ONCE = 100;

  const open = () =>
    new Promise((resolve, reject) => {
      const request = indexedDB.open("lockstep-reviews", 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore("cards", { keyPath: "id" });
        request.result.createObjectStore("answers", { keyPath: "id" });
        request.result.createObjectStore("facts");
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });

  // The result of work on one or more stores, once it is on the disk.
  const run = async (names, mode, work) => {
    const database = await open();
    try {
      return await new Promise((resolve, reject) => {
        const transaction = database.transaction(names, mode, { durability: "strict" });
        const request = work(...names.map((name) => transaction.objectStore(name)));
        transaction.oncomplete = () => resolve(request?.result);
        transaction.onerror = transaction.onabort = () => reject(transaction.error);
      });
    } finally {
      database.close();
    }
  };

  const fact = (name) => run(["facts"], "readonly", (facts) => facts.get(name));
  const remember = (name, value) => run(["facts"], "readwrite", (facts) => facts.put(value, name));
  const cards = () => run(["cards"], "readonly", (store) => store.getAll());
  const answers = () => run(["answers"], "readonly", (store) => store.getAll());

  // The cards that wait, but for those whose answer is on its way, also one that is given at this moment.
  const keepCards = (all) =>
    run(["answers", "cards"], "readwrite", (queue, store) => {
      queue.getAll().onsuccess = ({ target }) => {
        const answered = new Set(target.result.map((answer) => answer.review_id));
        store.clear();
        for (const card of all) {
          if (!answered.has(card.id)) store.put(card);
        }
      };
    });

  // An answer and its card change together: what was answered never comes back by itself.
  const keepAnswer = (answer) =>
    run(["answers", "cards"], "readwrite", (queue, store) => {
      queue.put(answer);
      store.delete(answer.review_id);
    });

  const forget = (ids) =>
    run(["answers"], "readwrite", (queue) => {
      for (const id of ids) queue.delete(id);
    });

  // Work that no other page does meanwhile, nor the service worker.
  const alone = (work) => navigator.locks.request("lockstep-reviews", work);

  // What the server answers, null where nobody is signed in; throws where it cannot be reached or fails.
  const ask = async (address, options = {}) => {
    const response = await fetch(address, { credentials: "same-origin", ...options });
    if (response.status === 401) return null;
    if (!response.ok && response.status !== 400) throw new Error(`The server answered ${response.status}.`);
    return response;
  };

  const send = (api, batch) => {
    const reviews = batch.map(({ id, review_id, quality, reviewed_at }) => ({ id, review_id, quality, reviewed_at }));
    return ask(`${api}/api/reviews/sync`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ reviews }),
    });
  };

  // An answer is forgotten only when the server has said what became of it, so that it may be sent twice and
  // counts once. Whoever else has signed in meanwhile is not sent these: they would be refused as nobody's.
  const sendAll = async (api) => {
    const user = await fact("user");
    const known = user && (await ask(`${api}/api/auth/me`));
    if (!known || (await known.json()).user.id !== user.id) return "signed-out";
    let size = AT_ONCE;
    for (;;) {
      const batch = (await answers()).filter((answer) => answer.user === user.id).slice(0, size);
      if (batch.length === 0) return "sent";
      const response = await send(api, batch);
      if (!response) return "signed-out";
      if (response.ok) {
        await forget((await response.json()).results.map((result) => result.id));
      } else if (size > 1) {
        // One of them is at fault; alone it holds up no other.
        size = 1;
      } else {
        await forget([batch[0].id]);
      }
    }
  };

  // Sends what waits and tells "sent" or "signed-out"; throws while the server cannot be reached.
  const sync = (api) => alone(() => sendAll(api));

  // The same, and then keeps what is due. Were an answer sent in between, its card would still be among them.
  const refresh = (api) =>
    alone(async () => {
      const due = (await sendAll(api)) === "sent" ? await ask(`${api}/api/reviews/due`) : null;
      if (!due) return "signed-out";
      await keepCards((await due.json()).reviews);
      return "sent";
    });

  return { fact, remember, cards, answers, keepCards, keepAnswer, alone, sync, refresh };
})();

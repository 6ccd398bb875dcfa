"use strict";

(() => {
  const store = self.reviewStore;
  const main = document.querySelector("main");
  const api = main.dataset.api;
  const part = (name) => main.querySelector(`[data-part="${name}"]`);
  const SIGN_IN = "Sign in again, and what waits is sent.";
  // The card that is shown, and to whom; and whether their answer to it is being kept.
  let shown = null;
  let learner = null;
  let rating = false;
  let drawn = Promise.resolve();

  const call = (path, options = {}) => fetch(`${api}${path}`, { credentials: "same-origin", ...options });

  const say = (text) => {
    part("state").textContent = text;
  };

  const plural = (count, one, many) => `${count} ${count === 1 ? one : many}`;

  // Shows what the device knows, whether or not there is a network.
  const draw = async () => {
    const [user, waiting, queued] = await Promise.all([store.fact("user"), store.cards(), store.answers()]);
    const mine = queued.filter((answer) => answer.user === user?.id);
    part("sign-in").hidden = Boolean(user);
    part("who").hidden = !user;
    part("name").textContent = user?.username ?? "";
    part("queue").textContent = mine.length ? `${plural(mine.length, "answer waits", "answers wait")} to be sent` : "";
    const before = shown;
    waiting.sort((a, b) => a.id - b.id);
    learner = user;
    shown = user ? (waiting.find((card) => card.id === before?.id) ?? waiting[0] ?? null) : null;
    part("card").hidden = !shown;
    part("done").hidden = !user || Boolean(shown);
    if (!shown) return;
    part("left").textContent = plural(waiting.length, "card is due", "cards are due");
    // Somebody is looking at it, and may have seen its answer.
    if (shown.id === before?.id) return;
    const character = shown.characters;
    part("hanzi").textContent = character?.hanzi ?? `Card ${shown.id}`;
    part("pinyin").textContent = character?.pinyin ?? "";
    part("meaning").textContent = character?.meaning ?? "";
    part("answer").hidden = true;
    part("reveal").hidden = false;
  };

  // One after the other, so that what was read last stays.
  const show = () => (drawn = drawn.then(draw, draw));

  // Sends what waits, then asks for what is due now.
  const refresh = async () => {
    if (!(await store.fact("user"))) {
      if ((await store.answers()).length) say(SIGN_IN);
      return;
    }
    try {
      if ((await store.refresh(api)) === "signed-out") return await signedOut();
      say("Everything is saved on the server.");
    } catch (error) {
      say(navigator.onLine ? `The server cannot be reached; answers are kept here. ${error.message}` : "You are offline; answers are kept here.");
      await wake();
    }
    await show();
  };

  // Asks the browser to send what waits when the network is back, also when the page is closed by then.
  const wake = async () => {
    const registration = await navigator.serviceWorker?.getRegistration();
    try {
      await registration?.sync?.register("reviews");
    } catch {
      // A browser may refuse; then the page sends when it is open.
    }
  };

  const signedOut = async () => {
    await store.remember("user", null);
    say(SIGN_IN);
    await show();
  };

  const signIn = async (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    try {
      // Nothing of somebody else's is sent between the two.
      const status = await store.alone(async () => {
        const answer = await call("/api/auth/login", {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ email: form.get("email"), password: form.get("password") }),
        });
        if (!answer.ok) return answer.status;
        const { user } = await answer.json();
        await store.remember("user", { id: user.id, username: user.username });
        return 200;
      });
      if (status === 400 || status === 401) return say("E-mail or password is wrong.");
      if (status !== 200) return say(`Nobody can sign in now: the server answered ${status}.`);
      event.target.reset();
      await refresh();
    } catch {
      say("Signing in needs a network.");
    }
  };

  const signOut = async () => {
    await refresh();
    const user = await store.fact("user");
    const left = (await store.answers()).filter((answer) => answer.user === user?.id).length;
    await call("/api/auth/logout", { method: "POST" }).catch(() => null);
    await store.remember("user", null);
    await store.keepCards([]);
    say(left ? `${plural(left, "answer is", "answers are")} kept here until you sign in again.` : "You are signed out.");
    await show();
  };

  const rate = async (quality) => {
    // Of two clicks on one card the first is the answer.
    if (!shown || rating) return;
    rating = true;
    try {
      await store.keepAnswer({
        id: crypto.randomUUID(),
        user: learner.id,
        review_id: shown.id,
        quality,
        reviewed_at: new Date().toISOString(),
      });
      await show();
    } finally {
      rating = false;
    }
    await refresh();
  };

  part("form").addEventListener("submit", signIn);
  part("sign-out").addEventListener("click", signOut);
  part("reveal").addEventListener("click", () => {
    part("answer").hidden = false;
    part("reveal").hidden = true;
    part("answer").querySelector("button").focus();
  });
  for (const button of main.querySelectorAll("[data-quality]")) {
    button.addEventListener("click", () => rate(Number(button.dataset.quality)));
  }
  addEventListener("online", refresh);
  addEventListener("offline", () => say("You are offline; answers are kept here."));
  navigator.serviceWorker?.addEventListener("message", show);
  navigator.serviceWorker?.register(main.dataset.worker);
  show().then(refresh);
})();

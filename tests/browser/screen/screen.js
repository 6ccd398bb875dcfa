// The calls of the old React screen, in its order and with its fields, from a page without React.
const api = new URLSearchParams(location.search).get("api");
const find = selector => document.querySelector(selector);
const calls = (window.calls = []);
let tokens, tree;

async function call(method, path, body) {
  const headers = { Accept: "application/json, text/plain, */*" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (tokens) headers.Authorization = `Bearer ${tokens.accessToken}`;
  const answer = await fetch(api + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const text = await answer.text();
  calls.push(`${method} ${path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, ":id")} ${answer.status}`);
  const value = text && answer.headers.get("content-type")?.startsWith("application/json") ? JSON.parse(text) : text;
  return { ok: answer.ok, status: answer.status, value };
}

async function needed(method, path, body) {
  const { ok, status, value } = await call(method, path, body);
  if (!ok) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(value)}`);
  return value;
}

async function bell() {
  // The bell asked beside the prefix and never rang.
  const { status } = await call("GET", "/notifications");
  find("#bell").textContent = status === 404 ? "No bell" : "A bell";
}

async function refresh() {
  tree = await needed("GET", "/api/genealogy/family-tree");
  window.tree = tree;
  show();
}

function generations() {
  const people = new Map(tree.members.map(member => [member.id, member]));
  const depth = new Map();
  const of = (id, seen = new Set()) => {
    if (depth.has(id)) return depth.get(id);
    if (seen.has(id) || !people.has(id)) return 0;
    seen.add(id);
    const above = people.get(id).parentIds.map(parent => of(parent, seen) + 1);
    const value = Math.max(0, ...above);
    depth.set(id, value);
    return value;
  };
  for (const id of people.keys()) of(id);
  // Whoever has no parents here stands beside their spouse.
  for (const member of tree.members) {
    const beside = member.parentIds.length ? [] : member.spouseIds.map(id => depth.get(id) ?? 0);
    depth.set(member.id, Math.max(depth.get(member.id), ...beside));
  }
  const rows = [];
  for (const member of tree.members) (rows[depth.get(member.id)] ??= []).push(member);
  return rows.filter(Boolean);
}

function show() {
  find("#name").textContent = tree.name;
  const names = new Map(tree.members.map(member => [member.id, member.name]));
  find("#tree").replaceChildren(...generations().map(row => {
    const section = document.createElement("section");
    section.className = "generation";
    section.append(...row.map(member => card(member, names)));
    return section;
  }));
  find("#said").textContent = `${tree.members.length} people, ${tree.relationships.length} relationships`;
}

function card(member, names) {
  const article = document.createElement("article");
  article.className = member.gender;
  article.dataset.name = member.name;
  const line = (title, ids) => ids.length ? `${title}: ${[...new Set(ids)].map(id => names.get(id)).join(", ")}` : "";
  const years = [member.birthDate, member.deathDate].map(date => date?.slice(0, 4) ?? "").join(" – ");
  for (const [tag, text] of [["strong", member.name], ["p", years === " – " ? "" : years], ["p", member.placeOfBirth ?? ""],
    ["p", line("With", member.spouseIds)], ["p", line("Children", member.childIds)]]) {
    if (!text) continue;
    const element = document.createElement(tag);
    element.textContent = text;
    article.append(element);
  }
  for (const [title, act] of Object.entries(ACTS)) {
    const button = document.createElement("button");
    button.textContent = title;
    button.onclick = () => act(member).catch(complain);
    article.append(button);
  }
  return article;
}

const ACTS = {
  "Add spouse": member => add("Add spouse", newcomer => [member.id, newcomer, "SPOUSE"]),
  "Add child": member => add("Add child", newcomer => [member.id, newcomer, "PARENT_CHILD"]),
  "Add parent": member => add("Add parent", newcomer => [newcomer, member.id, "PARENT_CHILD"]),
  Edit: edit,
};

async function add(title, related) {
  const sent = await asked(title, {});
  if (!sent) return;
  const { id } = await needed("POST", "/api/genealogy/members", sent);
  const [person1Id, person2Id, type] = related(id);
  await needed("POST", "/api/genealogy/relationships", { person1Id, person2Id, type });
  await refresh();
}

async function edit(member) {
  const sent = await asked("Edit", member);
  if (!sent) return;
  await needed("PUT", `/api/genealogy/members/${member.id}`, sent);
  await refresh();
}

function asked(title, member) {
  const dialog = find("#person");
  const form = dialog.querySelector("form");
  form.reset();
  dialog.querySelector("h2").textContent = title;
  for (const name of ["firstName", "lastName", "gender"]) if (member[name]) form.elements[name].value = member[name];
  // The screen sent the instant back as it had come.
  form.elements.birthDate.value = member.birthDate ?? "";
  dialog.showModal();
  return new Promise(done => {
    dialog.onclose = () => {
      const { firstName, lastName, birthDate, gender } = Object.fromEntries(new FormData(form));
      const name = [firstName, lastName].filter(Boolean).join(" ");
      const sent = { name, firstName, lastName, ...(birthDate ? { birthDate } : {}), gender };
      done(dialog.returnValue === "save" ? sent : null);
    };
  });
}

function complain(error) {
  find("#said").textContent = error.message;
}

find("#login").onsubmit = async event => {
  event.preventDefault();
  const { email, password } = Object.fromEntries(new FormData(event.target));
  const { ok, value } = await call("POST", "/api/auth/login", { email, password });
  if (!ok) return complain(new Error(value.message));
  tokens = window.tokens = value.tokens;
  const { user } = await needed("GET", "/api/auth/me");
  find("#account").textContent = `${user.firstName} ${user.lastName}`;
  find("#login").hidden = true;
  find("#leave").hidden = false;
  await refresh();
  await bell();
};

find("#leave").onclick = async () => {
  // The gateway never knew a logout; the screen forgets the tokens all the same.
  await call("POST", "/api/auth/logout", { refreshToken: tokens.refreshToken });
  tokens = undefined;
  location.reload();
};

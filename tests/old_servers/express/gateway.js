// The old gateway on its own libraries: its family tree and its sign-in, written anew after what it does.
//
// Run as `node gateway.js FOLDER ROWS SECRET`; it prints its port, then goes back to the start state on each
// line of its input and says "ready", until its input ends.
"use strict";

const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const readline = require("node:readline");
const load = (name) => require(path.join(process.argv[2], "node_modules", name));
const compression = load("compression");
const cors = load("cors");
const express = load("express");
const { rateLimit } = load("express-rate-limit");
const { body, validationResult } = load("express-validator");
const helmet = load("helmet");
const jwt = load("jsonwebtoken");

const start = JSON.parse(fs.readFileSync(process.argv[3])).fixtures.start;
const secret = process.argv[4];
const refreshSecret = `${secret} for refreshing`;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
let users, trees, members, relations;

function reset() {
  users = start.users.map(({ row, password }) => ({ ...structuredClone(row), password }));
  trees = structuredClone(start.tables.family_trees);
  members = structuredClone(start.tables.family_members);
  relations = structuredClone(start.tables.family_relationships);
}

// What PostgreSQL refuses to store.
function stored(value, most) {
  if (value === undefined || value === null) return null;
  if (typeof value === "object") throw new Error("no text");
  // Half a character has no UTF-8; the driver wrote a mark in its place.
  const text = String(value).toWellFormed();
  if (text.includes("\0") || (most && [...text].length > most)) throw new Error("not storable");
  return text;
}

function uuid(value) {
  if (typeof value !== "string" || !UUID.test(value)) throw new Error("no uuid");
  return value.toLowerCase();
}

function day(value) {
  const text = stored(value);
  if (text === null) return null;
  const found = /^(\d{4})-(\d\d)-(\d\d)(?:[T ].*)?$/.exec(text) ?? /^(\d{4})(\d\d)(\d\d)$/.exec(text);
  const date = found && new Date(`${found[1]}-${found[2]}-${found[3]}T00:00:00Z`);
  const said = found && found.slice(1).join("-");
  if (!date || Number.isNaN(+date) || date.toISOString().slice(0, 10) !== said) throw new Error("no date");
  return said;
}

const entries = (req, res, next) => {
  const found = validationResult(req);
  if (found.isEmpty()) return next();
  const details = found.array().map((entry) => {
    const shown = { ...entry };
    // Passwords are not shown any more.
    if (shown.path === "password") delete shown.value;
    return shown;
  });
  return res.status(400).json({ error: "Validation Error", details });
};
const failed = (res, message, status = 401) => res.status(status).json({ error: "Authentication Failed", message });
const bearer = (req) => {
  const header = req.headers.authorization;
  return header && header.startsWith("Bearer ") ? header.substring(7) : undefined;
};
const iso = (value) => (value ? new Date(value).toISOString() : null);
const midnight = (value) => (value ? `${value}T00:00:00.000Z` : null);
const tokens = (user) => ({
  accessToken: jwt.sign({ userId: user.id, email: user.email }, secret, { expiresIn: "24h" }),
  refreshToken: jwt.sign({ userId: user.id, type: "refresh" }, refreshSecret, { expiresIn: "7d" }),
});
const active = (id) => {
  const found = uuid(id);
  return users.find((user) => user.id === found && user.is_active);
};

const app = express();
const policy = {
  "default-src": ["'self'"], "style-src": ["'self'", "'unsafe-inline'"], "script-src": ["'self'"],
  "img-src": ["'self'", "data:", "https:"], "connect-src": ["'self'", "https://api.dzinza.com"], "font-src": ["'self'"],
  "object-src": ["'none'"], "media-src": ["'self'"], "frame-src": ["'none'"],
};
app.use(helmet({ contentSecurityPolicy: { directives: policy } }));
const origins = [3000, 5173, 5174, 5175, 5176].map((port) => `http://localhost:${port}`);
app.use(
  cors({
    origin: origins, credentials: true, methods: ["GET", "POST", "PUT", "DELETE", "OPTIONS"],
    allowedHeaders: ["Content-Type", "Authorization", "X-Requested-With"], optionsSuccessStatus: 200,
  }),
);
const limited = { error: "Too many requests from this IP, please try again later." };
app.use("/api/", rateLimit({ windowMs: 900_000, limit: 1_000_000, standardHeaders: true, legacyHeaders: false, message: limited }));
app.use(compression());
app.use(express.json({ limit: "10mb" }));
app.use(express.urlencoded({ extended: true, limit: "10mb" }));

const auth = express.Router();
const email = () => body("email").isEmail().withMessage("Valid email is required").normalizeEmail();
const pattern = /^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*[@$!%*?&])[A-Za-z\d@$!%*?&]/;
const strong = "Password must be at least 8 characters with uppercase, lowercase, number, and special character";
const named = (name, label) =>
  body(name).trim().isLength({ min: 1, max: 50 }).withMessage(`${label} name is required and must be less than 50 characters`);
auth.post(
  "/register",
  email(), body("password").isLength({ min: 8 }).matches(pattern).withMessage(strong), named("firstName", "First"), named("lastName", "Last"),
  entries,
  (req, res) => {
    const sent = req.body;
    // What is left of `+tag@gmail.com` is false.
    if (sent.email === false) throw new Error("not storable");
    const address = stored(sent.email, 255);
    if (users.some((user) => user.email === address)) return res.status(409).json({ error: "Conflict", message: "Email already exists" });
    if (!address || typeof sent.password !== "string") throw new Error("not storable");
    const user = {
      ...structuredClone(start.users[0].row), id: crypto.randomUUID(), email: address, first_name: stored(sent.firstName, 100),
      last_name: stored(sent.lastName, 100), password: sent.password, created_at: new Date().toISOString(), last_login: null, failed_login_attempts: 0,
    };
    users.push(user);
    const { id, first_name: firstName, last_name: lastName } = user;
    return res.status(201).json({
      message: "User registered successfully", user: { id, email: address, firstName, lastName, createdAt: iso(user.created_at) }, tokens: tokens(user),
    });
  },
);
auth.post("/login", email(), body("password").notEmpty().withMessage("Password is required"), entries, (req, res) => {
  const user = users.find((each) => each.email === String(req.body.email) && each.is_active);
  if (!user) return failed(res, "Invalid credentials");
  if (user.locked_until && Date.now() < user.locked_until) {
    return res.status(423).json({ error: "Account Locked", message: "Account is temporarily locked due to multiple failed login attempts" });
  }
  if (typeof req.body.password !== "string") throw new Error("bcrypt takes texts");
  if (req.body.password !== user.password) {
    user.failed_login_attempts += 1;
    if (user.failed_login_attempts >= 5) user.locked_until = Date.now() + 1_800_000;
    return failed(res, "Invalid credentials");
  }
  const lastLogin = iso(user.last_login);
  Object.assign(user, { failed_login_attempts: 0, locked_until: null, last_login: new Date().toISOString() });
  const { id, first_name: firstName, last_name: lastName } = user;
  return res.json({ message: "Login successful", user: { id, email: user.email, firstName, lastName, lastLogin }, tokens: tokens(user) });
});
auth.post("/refresh", (req, res) => {
  const { refreshToken } = req.body;
  if (!refreshToken) return failed(res, "Refresh token is required");
  let claims;
  try {
    claims = jwt.verify(refreshToken, refreshSecret);
  } catch {
    return failed(res, "Invalid refresh token");
  }
  if (claims.type !== "refresh") return failed(res, "Invalid token type");
  const user = claims.userId && active(claims.userId);
  if (!user) return failed(res, "User not found or inactive");
  return res.json({ message: "Token refreshed successfully", tokens: { accessToken: tokens(user).accessToken } });
});
auth.get("/me", (req, res) => {
  const token = bearer(req);
  if (token === undefined) return failed(res, "Authorization header is required");
  let claims;
  try {
    claims = jwt.verify(token, secret);
  } catch {
    return failed(res, "Invalid access token");
  }
  const user = claims.userId && active(claims.userId);
  if (!user) return failed(res, "User not found or inactive");
  return res.json({
    user: {
      id: user.id, email: user.email, username: user.username, firstName: user.first_name, lastName: user.last_name, phone: user.phone,
      dateOfBirth: midnight(user.date_of_birth), gender: user.gender, profilePictureUrl: user.profile_picture_url, bio: user.bio,
      location: user.location, language: user.language, timezone: user.timezone, emailVerified: user.email_verified,
      twoFactorEnabled: user.two_factor_enabled, subscriptionTier: user.subscription_tier, lastLogin: iso(user.last_login), createdAt: iso(user.created_at),
    },
  });
});
app.use("/api/auth", auth);

const shown = (row) => ({
  id: row.id, name: row.name, firstName: row.first_name, middleName: row.middle_name, lastName: row.last_name, nickname: row.nickname,
  gender: row.gender, birthDate: midnight(row.birth_date), deathDate: midnight(row.death_date), placeOfBirth: row.place_of_birth,
  placeOfDeath: row.place_of_death, occupation: row.occupation, biography: row.biography, notes: row.notes,
  profileImageUrl: row.profile_image_url, parentIds: row.parent_ids, childIds: row.child_ids, spouseIds: row.spouse_ids,
  treeId: row.tree_id, userId: row.user_id, createdAt: iso(row.created_at), updatedAt: iso(row.updated_at),
});
const link = (row) => ({
  id: row.id, type: row.relationship_type, person1Id: row.person1_id, person2Id: row.person2_id, treeId: row.tree_id, userId: row.user_id,
  createdAt: iso(row.created_at),
});
const COLUMNS = {
  name: ["name", 255], firstName: ["first_name", 100], middleName: ["middle_name", 100], lastName: ["last_name", 100], nickname: ["nickname", 100],
  gender: ["gender", 20], birthDate: ["birth_date"], deathDate: ["death_date"], placeOfBirth: ["place_of_birth", 255],
  placeOfDeath: ["place_of_death", 255], occupation: ["occupation", 255], biography: ["biography"], notes: ["notes"], profileImageUrl: ["profile_image_url"],
};
const short = (name, max, label) => body(name).optional().trim().isLength({ max }).withMessage(`${label} must be less than ${max} characters`);
const fields = () => [
  short("name", 255, "Name"), short("firstName", 100, "First name"), short("middleName", 100, "Middle name"), short("lastName", 100, "Last name"),
  short("nickname", 100, "Nickname"), body("gender").optional().isIn(["male", "female", "other", "unknown"]).withMessage("Invalid gender value"),
  body("birthDate").optional().isISO8601().withMessage("Invalid birth date format"),
  body("deathDate").optional().isISO8601().withMessage("Invalid death date format"),
  short("placeOfBirth", 255, "Place of birth"), short("placeOfDeath", 255, "Place of death"), short("occupation", 255, "Occupation"),
  short("biography", 5000, "Biography"), short("notes", 5000, "Notes"),
  body("profileImageUrl").optional().isURL().withMessage("Invalid profile image URL"),
];
const listed = (name, label) => body(name).optional().isArray().withMessage(`${label} must be an array`);

function column(name, value) {
  const [key, most] = COLUMNS[name];
  // A list of genders is not kept in the notation of the database any more.
  if (name === "gender" && Array.isArray(value)) return [key, stored(value[0])];
  if (key.endsWith("_date")) return [key, day(value)];
  const text = stored(value, most);
  return [key, text === "" && name !== "name" ? null : text];
}

function rename(row, keys) {
  if (!keys.some((key) => ["first_name", "middle_name", "last_name", "nickname"].includes(key))) return;
  const parts = [row.first_name, row.middle_name, row.last_name].filter(Boolean).join(" ");
  row.name = stored(parts || row.nickname || null, 255);
  if (row.name === null) throw new Error("a member has a name");
}

function treeOf(user) {
  const own = trees.filter((each) => each.user_id === user).sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
  if (own.length) return own[0];
  if (!users.some((each) => each.id === user)) throw new Error("no such user");
  const now = new Date().toISOString();
  const made = { id: crypto.randomUUID(), name: "My Family Tree", description: "Default family tree", user_id: user, created_at: now, updated_at: now };
  trees.push(made);
  return made;
}

// Routes of the tree look at the token after the rules, and say 500 of one that is bad.
const signedIn = (message, handler) => (req, res) => {
  try {
    const token = bearer(req);
    if (token === undefined) return failed(res, "Authorization header is required");
    const { userId } = jwt.verify(token, secret);
    if (!userId) return failed(res, "Invalid token");
    return handler(req, res, uuid(userId));
  } catch {
    return res.status(500).json({ error: message });
  }
};

const tree = express.Router();
tree.get("/test", (req, res) => res.json({ message: "Genealogy service is working" }));
tree.get("/family-tree", signedIn("Failed to fetch family tree", (req, res, user) => {
  const fresh = !trees.some((each) => each.user_id === user);
  const own = treeOf(user);
  const rest = { members: members.filter((each) => each.tree_id === own.id).map(shown), relationships: relations.filter((each) => each.tree_id === own.id).map(link), userId: user };
  if (fresh) return res.json({ id: own.id, name: own.name, ...rest });
  return res.json({ id: own.id, name: own.name, description: own.description, ...rest, createdAt: iso(own.created_at), updatedAt: iso(own.updated_at) });
}));
tree.post(
  "/members",
  ...fields(), listed("parentIds", "Parent IDs"), listed("phoneNumbers", "Phone numbers"), listed("emailAddresses", "Email addresses"), listed("addresses", "Addresses"),
  entries,
  signedIn("Failed to create family member", (req, res, user) => {
    const sent = req.body;
    if (!sent.name && !sent.firstName && !sent.lastName && !sent.nickname) {
      return res.status(400).json({ error: "Validation Error", message: "Either name, firstName/lastName, or nickname must be provided" });
    }
    const now = new Date().toISOString();
    const row = { id: crypto.randomUUID(), gender: "unknown", parent_ids: [], child_ids: [], spouse_ids: [], user_id: user, created_at: now, updated_at: now };
    for (const name of Object.keys(COLUMNS)) {
      const [key, value] = column(name, sent[name]);
      row[key] = key === "gender" && value === null ? "unknown" : value;
    }
    rename(row, ["nickname"]);
    // Parents may not be other users' people any more, and no member stays where a parent is not there.
    const parents = (sent.parentIds ?? []).map((id) => members.find((each) => each.id === uuid(id) && each.user_id === user));
    if (parents.some((parent) => !parent)) throw new Error("no such parent");
    row.tree_id = treeOf(user).id;
    members.push(row);
    for (const parent of parents) {
      row.parent_ids.push(parent.id);
      parent.child_ids.splice(Math.max(0, parent.child_ids.length - 1), 0, row.id);
      parent.updated_at = new Date().toISOString();
      relations.push({ id: crypto.randomUUID(), relationship_type: "PARENT_CHILD", person1_id: parent.id, person2_id: row.id, tree_id: row.tree_id, user_id: user, created_at: new Date().toISOString() });
    }
    return res.status(201).json(shown(row));
  }),
);
tree.put("/members/:id", ...fields(), entries, signedIn("Failed to update family member", (req, res, user) => {
  const wanted = uuid(req.params.id);
  const row = members.find((each) => each.id === wanted && each.user_id === user);
  if (!row) return res.status(404).json({ error: "Not Found", message: "Family member not found" });
  const names = Object.keys(COLUMNS).filter((name) => req.body[name] !== undefined);
  if (!names.length) return res.status(400).json({ error: "Validation Error", message: "No fields to update" });
  const changed = { ...row };
  const keys = names.map((name) => {
    const [key, value] = column(name, req.body[name]);
    changed[key] = value;
    return key;
  });
  rename(changed, keys);
  Object.assign(row, changed, { updated_at: new Date().toISOString() });
  return res.json(shown(row));
}));
tree.post(
  "/relationships",
  body("person1Id").isUUID(), body("person2Id").isUUID(), body("type").isIn(["SPOUSE", "PARENT_CHILD", "SIBLING"]),
  entries,
  signedIn("Failed to create relationship", (req, res, user) => {
    const { person1Id, person2Id, type } = req.body;
    const [one, two] = [person1Id, person2Id].map((id) => members.find((each) => each.id === uuid(id) && each.user_id === user));
    if (!one || !two) return res.status(404).json({ error: "One or both family members not found" });
    if (relations.some((each) => each.person1_id === one.id && each.person2_id === two.id && each.relationship_type === type)) throw new Error("is there");
    const row = { id: crypto.randomUUID(), relationship_type: type, person1_id: one.id, person2_id: two.id, tree_id: one.tree_id, user_id: user, created_at: new Date().toISOString() };
    relations.push(row);
    const insert = (list, id) => list.splice(Math.max(0, list.length - 1), 0, id);
    if (type === "SPOUSE") [insert(one.spouse_ids, two.id), insert(two.spouse_ids, one.id)];
    if (type === "PARENT_CHILD") [insert(one.child_ids, two.id), insert(two.parent_ids, one.id)];
    if (type !== "SIBLING") one.updated_at = two.updated_at = row.created_at;
    return res.status(201).json(link(row));
  }),
);
app.use("/api/genealogy", tree);
app.all("/api/*", (req, res) =>
  res.status(501).json({ error: "Not Implemented", message: `API endpoint ${req.method} ${req.originalUrl} is not yet implemented`, note: "This endpoint is planned for future implementation" }),
);
app.use((req, res) => res.status(404).json({ error: "Route not found", message: `Cannot ${req.method} ${req.originalUrl}` }));
app.use((err, req, res, next) => res.status(500).json({ status: "error", message: "Something went wrong!" }));

reset();
const server = app.listen(0, "127.0.0.1", () => console.log(server.address().port));
readline
  .createInterface({ input: process.stdin })
  .on("line", () => {
    reset();
    console.log("ready");
  })
  .on("close", () => process.exit(0));

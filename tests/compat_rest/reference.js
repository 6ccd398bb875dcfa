// Runs the real validator and express-validator over cases from the standard input, and prints what they say.
// Run as `NODE_PATH=…/node_modules node reference.js`; the input is {formats: [[name, text]…], chains: [[specs, body]…]}.
"use strict";
const { body, validationResult } = require("express-validator");
// The copy that express-validator brings along.
const validator = require(require.resolve("validator", { paths: [require.resolve("express-validator")] }));

const FORMATS = {
  email: (text) => validator.isEmail(text),
  uri: (text) => validator.isURL(text),
  uuid: (text) => validator.isUUID(text),
  objectid: (text) => validator.isMongoId(text),
  iso8601: (text) => validator.isISO8601(text),
  normal: (text) => validator.normalizeEmail(text) || null,
  range: (text) => validator.isInt(text, { min: 1, max: 100 }),
  length: (text) => validator.isLength(text, { min: 1, max: 50 }),
  boolean: (text) => validator.isBoolean(text),
  trim: (text) => validator.trim(text),
  escape: (text) => validator.escape(text),
  number: (value) => String(value),
  date: (value) => (isNaN(new Date(value)) ? null : new Date(value).toISOString()),
};
const RULES = {
  type: (chain) => chain.isString(),
  array: (chain) => chain.isArray(),
  object: (chain) => chain.isObject(),
  boolean: (chain) => chain.isBoolean(),
  range: (chain, schema) => chain.isInt({ min: schema.minimum, max: schema.maximum }),
  enum: (chain, schema) => chain.isIn(schema.enum),
  format: (chain, schema) =>
    ({
      email: () => chain.isEmail(),
      uri: () => chain.isURL(),
      uuid: () => chain.isUUID(),
      objectid: () => chain.isMongoId(),
      iso8601: () => chain.isISO8601(),
    })[schema.format](),
  pattern: (chain, schema) => chain.matches(new RegExp(schema.pattern)),
  length: (chain, schema) => chain.isLength({ min: schema.minLength, max: schema.maxLength }),
  empty: (chain) => chain.notEmpty(),
  absent: (chain) => chain.custom((value) => value === undefined),
};
const STEPS = {
  trim: (chain) => chain.trim(),
  email: (chain) => chain.normalizeEmail(),
  boolean: (chain) => chain.toBoolean(),
  int: (chain) => chain.toInt(),
  escape: (chain) => chain.escape(),
  lower: (chain) => chain.toLowerCase(),
};

function built({ path, schema, optional }) {
  let chain = body(path);
  if (optional) chain = chain.optional({ values: optional });
  const words = schema["x-sanitize"] || ["rules"];
  const early = words.filter((word) => word.startsWith("rules:")).map((word) => word.slice(6));
  const rule = (key) => {
    chain = RULES[key](chain, schema);
    if (schema["x-messages"][key]) chain = chain.withMessage(schema["x-messages"][key]);
  };
  for (const word of words) {
    if (word === "rules") Object.keys(schema["x-messages"]).filter((key) => !early.includes(key)).forEach(rule);
    else if (word.startsWith("rules:")) rule(word.slice(6));
    else chain = STEPS[word](chain);
  }
  return chain;
}

function judged([name, text]) {
  try {
    return FORMATS[name](text);
  } catch (error) {
    return { thrown: error.name };
  }
}

async function run([specs, sent]) {
  const request = { body: sent };
  for (const spec of specs) await built(spec).run(request);
  return [validationResult(request).array(), request.body];
}

(async () => {
  const cases = JSON.parse(require("fs").readFileSync(0, "utf8"));
  const chains = [];
  for (const each of cases.chains) chains.push(await run(each));
  process.stdout.write(JSON.stringify({ formats: cases.formats.map(judged), chains }));
})();

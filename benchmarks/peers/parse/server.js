// Parse Server with REST and GraphQL on a copy of the courses, which it keeps in its own form.
import express from "express";
import parse from "parse-server";

const { ParseServer, ParseGraphQLServer } = parse;
const address = `http://${process.env.HOST}:${process.env.PORT}`;
const server = new ParseServer({
  databaseURI: process.env.PARSE_DATABASE_URI,
  appId: "measured",
  masterKey: process.env.JWT_SECRET_KEY,
  serverURL: `${address}/parse`,
  allowClientClassCreation: false,
  silent: true,
  logLevel: "error",
  logsFolder: null,
  schema: {
    definitions: [{
      className: "Course",
      fields: {
        title: { type: "String" },
        description: { type: "String" },
        published: { type: "Boolean" },
      },
      classLevelPermissions: { find: { "*": true }, get: { "*": true } },
    }],
    strict: false,
    lockSchemas: false,
  },
});
await server.start();
const app = express();
app.get("/hello", (request, response) => {
  response.type("text/plain").send("Hello, world!");
});
app.use("/parse", server.app);
await new ParseGraphQLServer(server, { graphQLPath: "/graphql" }).applyGraphQL(app);
app.listen(Number(process.env.PORT), process.env.HOST, 511);

// Mercurius on Fastify with its compiler from the first request on, and with DataLoader, which is a little
// faster here than its own loaders.
import { createVerifier } from "fast-jwt";
import Fastify from "fastify";
import mercurius from "mercurius";
import { contextOf, resolvers, typeDefs } from "./graph.js";
import { connect } from "./store.js";

const store = await connect();
const verify = createVerifier({ key: process.env.JWT_SECRET_KEY, algorithms: ["HS256"], cache: 5000 });
const app = Fastify({ logger: false });

app.register(mercurius, {
  schema: typeDefs,
  resolvers,
  context: (request) => contextOf(store, request.headers.authorization, verify),
  jit: 1,
  graphiql: false,
});
app.get("/hello", async () => "Hello, world!");
await app.listen({ port: Number(process.env.PORT), host: process.env.HOST });

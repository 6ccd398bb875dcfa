// Apollo Server on Fastify, the fastest of its integrations.
import { ApolloServer } from "@apollo/server";
import { fastifyApolloDrainPlugin, fastifyApolloHandler } from "@as-integrations/fastify";
import { createVerifier } from "fast-jwt";
import Fastify from "fastify";
import { contextOf, resolvers, typeDefs } from "./graph.js";
import { connect } from "./store.js";

const store = await connect();
const verify = createVerifier({ key: process.env.JWT_SECRET_KEY, algorithms: ["HS256"], cache: 5000 });
const app = Fastify({ logger: false });
const apollo = new ApolloServer({
  typeDefs,
  resolvers,
  plugins: [fastifyApolloDrainPlugin(app)],
});
await apollo.start();
app.route({
  url: "/graphql",
  method: ["GET", "POST"],
  handler: fastifyApolloHandler(apollo, {
    context: async (request) => contextOf(store, request.headers.authorization, verify),
  }),
});
app.get("/hello", async () => "Hello, world!");
await app.listen({ port: Number(process.env.PORT), host: process.env.HOST });

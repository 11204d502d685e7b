// The shop's front door: POST /orders {"item": "widget", "qty": 1}, GET /orders, GET /health.
import http from "node:http";
import { createOrder, listOrders } from "./orders.js";
import { log } from "./log.js";

async function handle(request) {
  switch (`${request.method} ${request.url}`) {
    case "GET /health":
      // Liveness only: a database that is down is no reason to restart the api.
      return [200, { status: "ok" }];
    case "GET /orders":
      return [200, await listOrders()];
    case "POST /orders":
      return [200, await createOrder(parseOrder(await text(request)))];
    default:
      return [404, { error: "no such path" }];
  }
}

async function text(request) {
  let body = "";
  for await (const chunk of request) body += chunk;
  return body;
}

function parseOrder(body) {
  let order;
  try {
    order = JSON.parse(body);
  } catch {
    throw Object.assign(new Error("the body is not JSON"), { status: 400 });
  }
  if (typeof order?.item !== "string" || !Number.isInteger(order.qty) || order.qty < 1) {
    throw Object.assign(new Error("an order needs an item and a qty of at least 1"), { status: 400 });
  }
  return order;
}

const server = http.createServer(async (request, response) => {
  const began = performance.now();
  let status, body;
  try {
    [status, body] = await handle(request);
  } catch (error) {
    [status, body] = [error.status ?? 500, { error: error.message }];
  }
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  const entry = {
    level: status < 500 ? "info" : "error",
    method: request.method,
    path: request.url,
    status,
    ms: Math.round(performance.now() - began),
  };
  log(body.error === undefined ? entry : { ...entry, error: body.error });
});

server.listen(8080, () => log({ level: "info", message: "listening on 8080" }));

process.on("SIGTERM", () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
  setTimeout(() => process.exit(0), 2000).unref();
});

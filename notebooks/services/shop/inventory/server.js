// The shop's stock. POST /reserve {"item": "widget", "qty": 1} takes from it.
import http from "node:http";
import pg from "pg";

const log = (fields) => console.log(JSON.stringify(fields));

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
pool.on("error", (error) => log({ level: "warn", message: `idle connection lost: ${error.message}` }));

async function reserve({ item, qty }) {
  const { rows } = await query("select amount from stock where item = $1", [item]);
  if (rows.length === 0) return [404, { error: `no such item: ${item}` }];
  if (rows[0].amount < qty) return [409, { error: `out of stock: ${item}` }];
  const updated = await query("update stock set amount = amount - $2 where item = $1 returning amount", [item, qty]);
  const stock = updated.rows[0].amount;
  log({ item, stock });
  return [200, { item, stock }];
}

async function query(text, values) {
  try {
    return await pool.query(text, values);
  } catch (error) {
    throw Object.assign(new Error(`database: ${error.message || error.code}`), { status: 503 });
  }
}

async function handle(request) {
  if (request.method === "GET" && request.url === "/health") return [200, { status: "ok" }];
  if (request.method === "POST" && request.url === "/reserve") {
    let body = "";
    for await (const chunk of request) body += chunk;
    return reserve(JSON.parse(body));
  }
  return [404, { error: "no such path" }];
}

const server = http.createServer(async (request, response) => {
  let status, body;
  try {
    [status, body] = await handle(request);
  } catch (error) {
    [status, body] = [error.status ?? 500, { error: error.message }];
    log({ level: "error", message: error.message });
  }
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
});

server.listen(8080, () => log({ level: "info", message: "listening on 8080" }));

process.on("SIGTERM", () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
  setTimeout(() => process.exit(0), 2000).unref();
});

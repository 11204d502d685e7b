// Orders: stock is reserved at the inventory, then the order is written.
import pg from "pg";
import { log } from "./log.js";

const DEADLINE_MS = 4000;
const RESERVE_TIMEOUT_MS = 2000;
const RESERVE_ATTEMPTS = 2;

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10, connectionTimeoutMillis: 10_000 });
pool.on("error", (error) => log({ level: "warn", message: `idle connection lost: ${error.message}` }));

export async function createOrder({ item, qty }) {
  return withDeadline(DEADLINE_MS, async () => {
    await reserve(item, qty);
    const { rows } = await query("insert into orders (item, quantity) values ($1, $2) returning id", [item, qty]);
    return { id: rows[0].id, item, qty };
  });
}

export async function listOrders() {
  const { rows } = await query("select id, item, quantity as qty from orders order by id desc limit 100");
  return rows;
}

// A lost packet shouldn't lose an order, so one more try.
async function reserve(item, qty) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await reserveOnce(item, qty);
    } catch (error) {
      if (attempt === RESERVE_ATTEMPTS || error.status !== 504) throw error;
      log({ level: "warn", message: `inventory: attempt ${attempt}: ${error.message}` });
    }
  }
}

async function reserveOnce(item, qty) {
  let response, body;
  try {
    response = await fetch(`${process.env.INVENTORY_URL}/reserve`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ item, qty }),
      signal: AbortSignal.timeout(RESERVE_TIMEOUT_MS),
    });
    body = await response.json();
  } catch (error) {
    if (error.name === "TimeoutError") throw failure(504, `inventory: no answer within ${RESERVE_TIMEOUT_MS / 1000} s`);
    throw failure(503, `inventory: ${error.cause?.message || error.cause?.code || error.message}`);
  }
  if (!response.ok) throw failure(response.status, body.error);
  return body;
}

async function query(text, values) {
  try {
    return await pool.query(text, values);
  } catch (error) {
    throw failure(503, `database: ${error.message || error.code}`);
  }
}

async function withDeadline(ms, work) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(failure(504, `no result within ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}

function failure(status, message) {
  return Object.assign(new Error(message), { status });
}
